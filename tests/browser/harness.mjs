// SPDX-License-Identifier: MIT
// harness.mjs - starts examples, opens pages, and says what a page has complained about.
//
// A scenario is { name, example, run } and, at will, env, arguments, context, plain (no scripts),
// allow, prepare; run({ page, app, shot, another }) throws what is wrong. arguments({ data, modules })
// gives those of the program, data being a folder for this run. prepare(app, build) may set another
// program, folder or environment before the start.
// A scenario also fails when the page writes errors to its console (refusals by the content policy
// are among them), throws, or asks another host; allow is a RegExp of what the console may say.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(fileURLToPath(import.meta.url), '../../..')
const PATIENCE = 30_000 // ms until something that does not come is missed

// What pages load from elsewhere, and the npm package that has it.
const LIBRARIES = {
  'https://unpkg.com/htmx.org@2.0.4': 'htmx.org/dist/htmx.min.js',
  'https://unpkg.com/htmx.org@2.0.4/dist/htmx.min.js': 'htmx.org/dist/htmx.min.js',
  'https://unpkg.com/htmx-ext-sse@2.2.2': 'htmx-ext-sse/sse.js',
  'https://unpkg.com/htmx-ext-sse@2.2.2/sse.js': 'htmx-ext-sse/sse.js',
}

// One run of an example; start again after stop takes the same port.
class App {
  constructor(build, name, env) {
    this.program = join(build, 'examples', name)
    this.folder = join(root, 'examples', name)
    this.data = mkdtempSync(join(tmpdir(), `browser-${name}-`))
    this.arguments = []
    this.env = {
      ...process.env,
      CHIRP_PORT: '0',
      CHIRP_ENV: 'production', // so that the security headers are there
      CHIRP_SECRET_KEY: 'a key for tests alone, and no other use',
      CHIRP_LOG_LEVEL: 'error',
      CHIRP_DATABASE_URL: `sqlite:///${join(this.data, 'test.db')}`,
      UPLOAD_DIR: this.data,
      ...env,
    }
    this.log = ''
  }

  start() {
    return new Promise((done, failed) => {
      this.child = spawn(this.program, this.arguments, { cwd: this.folder, env: this.env })
      this.ended = new Promise((gone) => this.child.on('close', gone))
      this.ended.then((code) => failed(new Error(`${this.program} ended with ${code}: ${this.log}`)))
      this.child.on('error', failed)
      this.child.stdout.resume()
      let said = ''
      this.child.stderr.on('data', (piece) => {
        this.log += piece
        said += piece
        const found = /listening on (http:\/\/[^ ]*):(\d+)/.exec(said)
        if (!found) return
        this.url = `${found[1]}:${found[2]}`
        this.env.CHIRP_PORT = found[2]
        done(this)
      })
    })
  }

  async stop() {
    this.child.kill('SIGTERM')
    const code = await this.ended
    if (code !== 0) throw new Error(`the server ended with ${code}: ${this.log}`)
  }

  remove() {
    if (this.child && this.child.exitCode === null) this.child.kill('SIGKILL')
    rmSync(this.data, { recursive: true, force: true })
  }
}

export class Harness {
  constructor(build, packages, artefacts) {
    this.build = build
    this.artefacts = artefacts
    this.modules = join(packages, 'node_modules')
    this.playwright = createRequire(join(packages, 'package.json'))('playwright-core')
    mkdirSync(artefacts, { recursive: true })
  }

  async open() {
    this.browser = await this.playwright.chromium.launch({
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: process.getuid() === 0 ? ['--no-sandbox'] : [],
    })
  }

  async close() {
    await this.browser.close()
  }

  // Everything but the example itself is answered from here, or refused.
  async serve(context, app, complaints) {
    const elsewhere = (url) => !url.href.startsWith(`${app.url}/`)
    await context.route(elsewhere, (route) => {
      const url = route.request().url()
      const file = LIBRARIES[url]
      if (!file) {
        complaints.push(`the page asked for ${url}`)
        return route.abort()
      }
      return route.fulfill({
        body: readFileSync(join(this.modules, file)),
        contentType: 'text/javascript',
        headers: { 'access-control-allow-origin': '*' },
      })
    })
  }

  listen(page, complaints, allow) {
    page.on('pageerror', (error) => complaints.push(`thrown: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' && !(allow && allow.test(message.text())))
        complaints.push(`console: ${message.text()}`)
    })
  }

  // Null, or what went wrong.
  async run(scenario) {
    const app = new App(this.build, scenario.example, scenario.env)
    app.arguments = scenario.arguments?.({ data: app.data, modules: this.modules }) ?? []
    const complaints = []
    const name = scenario.name.replace(/[^a-z0-9]+/gi, '-')
    let context, page
    try {
      if (scenario.prepare) await scenario.prepare(app, this.build)
      await app.start()
      context = await this.browser.newContext({
        baseURL: app.url,
        viewport: { width: 960, height: 720 },
        javaScriptEnabled: !scenario.plain,
        reducedMotion: 'reduce',
        ...scenario.context,
      })
      context.setDefaultTimeout(PATIENCE)
      await this.serve(context, app, complaints)
      const another = async () => {
        const made = await context.newPage()
        this.listen(made, complaints, scenario.allow)
        return made
      }
      page = await another()
      const shot = (label) =>
        page.screenshot({ path: join(this.artefacts, `${name}-${label}.png`), fullPage: true, caret: 'initial' })
      await scenario.run({ page, app, shot, another })
    } catch (error) {
      complaints.push(error.stack)
      await page?.screenshot({ path: join(this.artefacts, `${name}-failed.png`) }).catch(() => {})
    }
    await context?.close()
    await app.stop().catch((error) => complaints.push(error.message))
    app.remove()
    if (/"level":"error"/.test(app.log)) complaints.push(app.log)
    return complaints.length === 0 ? null : complaints.join('\n')
  }
}
