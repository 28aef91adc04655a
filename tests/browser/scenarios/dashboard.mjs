// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

export default [
  {
    name: 'dashboard: the shell first, then each block when it is ready',
    example: 'dashboard',
    async run({ page, shot }) {
      // What appears, in its order, seen from inside of the page.
      await page.addInitScript(() => {
        window.seen = []
        const look = () => {
          const there = {
            shell: document.querySelector('#visits .waiting'),
            sales: document.querySelector('#sales table'),
            visits: document.querySelector('#visits svg'),
          }
          for (const name in there)
            if (there[name] && !window.seen.includes(name)) window.seen.push(name)
        }
        new MutationObserver(look).observe(document, { childList: true, subtree: true })
      })
      await page.goto('/', { waitUntil: 'commit' })
      // Where the browser is slow, the shell may be gone before it is looked at from here.
      await Promise.race([
        page.locator('#visits .waiting').waitFor(),
        page.locator('#visits svg').waitFor(),
      ])
      await shot('shell')
      await page.locator('#sales table').waitFor()
      await page.locator('#visits svg').waitFor()
      assert.deepEqual(await page.evaluate(() => window.seen), ['shell', 'sales', 'visits'])
      assert.equal(await page.locator('.waiting').count(), 0)
      await page.getByText('Cake <of the day>').waitFor()
      await shot('whole')
    },
  },
  {
    name: 'dashboard: numbers come by themselves',
    example: 'dashboard',
    context: { colorScheme: 'dark' },
    async run({ page, shot }) {
      await page.goto('/')
      const before = await page.locator('#uptime').textContent()
      await page.waitForFunction(
        (text) => document.querySelector('#uptime').textContent !== text,
        before,
      )
      await page.locator('dd', { hasText: /^1$/ }).first().waitFor()
      await shot('dark')
    },
  },
]
