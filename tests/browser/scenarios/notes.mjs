// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'
import { join } from 'node:path'

export default [
  {
    name: 'notes: the list follows every change',
    example: 'notes',
    allow: /status of 422/,
    arguments: ({ data, modules }) => [
      ...['--port', '0', '--db', `sqlite:///${join(data, 'notes.db')}`],
      ...['--vendor', join(modules, 'htmx.org/dist')],
    ],
    async run({ page, shot }) {
      const card = (title) => page.locator('article.card', { hasText: title })
      await page.goto('/')
      await page.locator('#entry').getByLabel('Title').fill('Shopping')
      await page.getByRole('button', { name: 'Add note' }).click()
      await page.getByText('There is a note with this title already').waitFor()
      await page.locator('#entry').getByLabel('Title').fill('Ring <Ada>')
      await page.getByRole('button', { name: 'Add note' }).click()
      await card('Ring <Ada>').waitFor()
      await card('Ring <Ada>').getByRole('button', { name: 'Pin' }).click()
      await card('Ring <Ada>').getByRole('button', { name: '★ Pinned' }).waitFor()
      await card('Ring <Ada>').getByRole('link', { name: 'Edit' }).click()
      await page.locator('form.panel[id^="note-"]').getByLabel('Text').fill('About the engine')
      await page.getByRole('button', { name: 'Save' }).click()
      await card('About the engine').waitFor()
      await page.getByRole('searchbox').fill('engine')
      await card('Shopping').waitFor({ state: 'detached' })
      assert.equal(await page.locator('article.card').count(), 1)
      await shot('found')
    },
  },
]
