// SPDX-License-Identifier: MIT
// dev.mjs - projects of `chirp new`, served by the installed command: pages follow changes by
// themselves, the layouts of the library load their scripts and swap what they should.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const change = (file, from, to) => {
  const before = readFileSync(file, 'utf8')
  if (!before.includes(from)) throw new Error(`${file} has no ${from}`)
  writeFileSync(file, before.replace(from, to))
}

// Where the files of pkg-config are below an installed tree.
const packages = (prefix) =>
  join(
    prefix,
    readdirSync(prefix, { recursive: true }).find((name) => name.endsWith('chirp.pc')),
    '..',
  )

// A new project of that kind, served with these arguments.
const project = (kind, ...serve) => (app, build) => {
  const prefix = join(app.data, 'usr')
  execFileSync('cmake', ['--install', build, '--prefix', prefix], { stdio: 'ignore' })
  app.program = join(prefix, 'bin', 'chirp')
  app.folder = join(app.data, 'project')
  app.env.PKG_CONFIG_PATH = packages(prefix)
  app.env.CHIRP_ENV = 'development'
  app.arguments = serve
  execFileSync(app.program, ['new', app.folder, ...kind], { stdio: 'ignore' })
  execFileSync('make', ['-s', '-C', app.folder], { env: app.env })
}

const REFUSED = /status of 422/ // the browser's own line for every such answer

const logIn = async (page, password) => {
  await page.getByLabel('Name').fill('admin')
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

export default [
  {
    name: 'dev: open pages follow changes',
    example: 'dev',
    prepare: project(['--minimal'], 'dev', '--build', 'make -s'),
    async run({ page, app, shot }) {
      await page.goto('/')
      await page.getByText('Hello, world!').waitFor()
      change(join(app.folder, 'templates', 'index.html'), 'Hello, ', 'Good day, ')
      await page.getByText('Good day, world!').waitFor()
      change(join(app.folder, 'src', 'app.c'), 'KIDA_S("world")', 'KIDA_S("C")')
      await page.getByText('Good day, C!').waitFor()
      await shot('changed')
    },
  },
  {
    name: 'dev: so does the dashboard, and its user stays logged in',
    example: 'dev',
    env: { CHIRP_SECRET_KEY: '' },
    prepare: project([], 'dev', '--build', 'make -s'),
    async run({ page, app, shot }) {
      await page.goto('/login')
      await logIn(page, 'password')
      await page.getByText('Welcome, admin').waitFor()
      change(join(app.folder, 'pages', 'dashboard', 'page.html'), 'Welcome, ', 'Good day, ')
      await page.getByText('Good day, admin').waitFor()
      change(join(app.folder, 'static', 'theme.css'), '#1f5fbf', '#b3261e')
      await page.waitForFunction(() => {
        const style = getComputedStyle(document.documentElement)
        return style.getPropertyValue('--accent').trim() === '#b3261e'
      })
      change(join(app.folder, 'src', 'app.c'), '.title = "Dashboard"', '.title = "From C"')
      await page.waitForFunction(() => document.title === 'From C')
      await page.getByText('Good day, admin').waitFor()
      await shot('changed')
    },
  },
  {
    name: 'new --shell: links swap the main part',
    example: 'dev',
    prepare: project(['--shell'], 'run', 'build/app.so'),
    async run({ page, shot }) {
      await page.goto('/')
      await page.evaluate(() => { window.stays = true })
      await page.getByRole('link', { name: 'Items' }).click()
      await page.getByText('Bread').waitFor()
      await page.waitForURL('**/items')
      if (!(await page.evaluate(() => window.stays))) throw new Error('the page was loaded anew')
      if ((await page.locator('main').count()) !== 1) throw new Error('a page in a page')
      await page.goBack()
      await page.getByText('It works').waitFor()
      await page.goto('/items')
      await page.getByText('Bread').waitFor()
      await shot('items')
    },
  },
  {
    name: 'new --sse: the page is kept up to date',
    example: 'dev',
    prepare: project(['--sse'], 'run', 'build/app.so'),
    async run({ page, shot }) {
      await page.goto('/')
      const clock = page.locator('.sse-sink .big')
      const first = await clock.textContent()
      await page.waitForFunction((text) => document.querySelector('.sse-sink .big').textContent !== text, first)
      await shot('clock')
    },
  },
  {
    name: 'new: login, dashboard, logout and the back button',
    example: 'dev',
    allow: REFUSED,
    prepare: project([], 'run', 'build/app.so'),
    async run({ page, shot }) {
      await page.goto('/')
      await page.getByText('It works').waitFor()
      await shot('public')
      await page.getByRole('link', { name: 'Dashboard', exact: true }).click()
      await page.waitForURL('**/login?next=%2Fdashboard')
      await logIn(page, 'wrong')
      await page.getByRole('alert').getByText('Wrong name or password').waitFor()
      assert.equal(await page.getByLabel('Name').inputValue(), 'admin')
      assert.equal(await page.getByLabel('Password').inputValue(), '')
      await shot('refused')
      await logIn(page, 'password')
      await page.getByText('Welcome, admin').waitFor()
      assert.equal(new URL(page.url()).pathname, '/dashboard')
      await shot('dashboard')

      await page.getByRole('link', { name: 'project' }).click()
      await page.getByText('It works').waitFor()
      await page.goBack()
      await page.getByText('Welcome, admin').waitFor()
      await page.getByRole('button', { name: 'Log out' }).click()
      await page.getByRole('link', { name: 'Log in' }).waitFor()
      // What the browser has shown to the user is not shown again after the logout.
      await page.goBack()
      await page.waitForURL('**/login?next=%2Fdashboard')
      assert.equal(await page.getByText('Welcome').count(), 0)
    },
  },
  {
    name: 'new: a logout in one window counts in the other',
    example: 'dev',
    plain: true,
    allow: /status of 403/,
    prepare: project([], 'run', 'build/app.so'),
    async run({ page, another }) {
      await page.goto('/login?next=//example.org/')
      await logIn(page, 'password')
      await page.waitForURL('**/dashboard')
      const other = await another()
      await other.goto('/dashboard')
      await other.getByRole('button', { name: 'Log out' }).click()
      await other.getByText('It works').waitFor()
      await page.reload()
      await page.waitForURL('**/login?next=%2Fdashboard')
      // A form without the token, as another site would send it.
      await page.locator('input[name=_csrf_token]').evaluate((field) => field.remove())
      await logIn(page, 'password')
      await page.getByText('CSRF token missing').waitFor()
    },
  },
]
