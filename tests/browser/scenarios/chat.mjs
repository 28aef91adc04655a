// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const join = async (page, name) => {
  await page.goto('/')
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Join' }).click()
  await page.locator('[data-sse-state=connected]').waitFor()
}

const say = async (page, text) => {
  await page.getByLabel('Message', { exact: true }).fill(text)
  await page.getByRole('button', { name: 'Send' }).click()
}

const heard = (page, text) => page.locator('.messages li', { hasText: text }).waitFor()

export default [
  {
    name: 'chat: two hear each other',
    example: 'chat',
    async run({ page, another, shot }) {
      const other = await another()
      await join(page, 'Ada')
      await join(other, 'Alan')
      await page.getByText('2 here').waitFor()
      await say(page, 'Is anybody <here>?')
      await heard(other, 'Is anybody <here>?')
      await say(other, 'I am.')
      await heard(page, 'I am.')
      assert.equal(await page.locator('.messages li').count(), 2)
      assert.equal(await page.getByLabel('Message', { exact: true }).inputValue(), '')
      await shot('talk')
      await other.close()
      await page.getByText('1 here').waitFor()
    },
  },
  {
    name: 'chat: comes back after a restart of the server',
    example: 'chat',
    // The browser says that the connection is gone, and htmx that the stream is.
    allow: /ERR_|^Event$/,
    async run({ page, app, shot }) {
      await join(page, 'Ada')
      await say(page, 'Before')
      await heard(page, 'Before')
      await app.stop()
      await page.locator('[data-sse-state=disconnected]').waitFor()
      await page.getByText('The connection is gone').waitFor()
      await shot('gone')
      await app.start()
      // Said by somebody else while the page is, or may be, still away.
      const body = new URLSearchParams({ name: 'Alan', text: 'Meanwhile' })
      await fetch(`${app.url}/messages`, { method: 'POST', body, redirect: 'manual' })
      await heard(page, 'Meanwhile')
      await page.locator('[data-sse-state=connected]').waitFor()
      await say(page, 'After')
      await heard(page, 'After')
      const all = await page.locator('.messages p').allTextContents()
      assert.deepEqual(all, ['Before', 'Meanwhile', 'After'])
    },
  },
]
