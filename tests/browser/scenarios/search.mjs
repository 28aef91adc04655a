// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const box = (page) => page.getByRole('searchbox')

export default [
  {
    name: 'search: results while one types, and back',
    example: 'search',
    // A search that another one replaces: htmx says so.
    allow: /^htmx:(afterRequest|sendAbort)$/,
    async run({ page, shot }) {
      await page.goto('/')
      await box(page).pressSequentially('silv')
      await page.getByText('1 of 118').waitFor()
      await page.waitForURL('**/?q=silv')
      await shot('found')
      await box(page).fill('gold')
      await page.waitForURL('**/?q=gold')
      await page.locator('.found li', { hasText: 'Gold' }).waitFor()
      await page.goBack()
      await page.locator('.found li', { hasText: 'Silver' }).waitFor()
      assert.equal(await box(page).inputValue(), 'silv')
      await box(page).fill('no such thing')
      await page.getByText('No element is called').waitFor()
    },
  },
  {
    name: 'search: works without scripts',
    example: 'search',
    plain: true,
    async run({ page }) {
      await page.goto('/')
      await box(page).fill('26')
      await page.getByRole('button', { name: 'Search' }).click()
      await page.waitForURL('**/?q=26')
      await page.getByText('Iron').waitFor()
    },
  },
]
