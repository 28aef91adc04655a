// SPDX-License-Identifier: MIT
// dev.mjs - projects of `chirp new`, served by the installed command: pages follow changes by
// themselves, the layouts of the library load their scripts and swap what they should.
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
    name: 'new: a form adds to the list',
    example: 'dev',
    prepare: project([], 'run', 'build/app.so'),
    async run({ page, shot }) {
      await page.goto('/items')
      await page.getByLabel('New item').fill('Milk <1>')
      await page.getByRole('button', { name: 'Add' }).click()
      await page.getByText('Milk <1>').waitFor()
      await shot('items')
    },
  },
]
