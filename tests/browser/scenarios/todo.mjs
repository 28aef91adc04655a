// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const REFUSED = /status of 422/ // the browser's own line for every such answer

export default [
  {
    name: 'todo: lists and counters change without a new page',
    example: 'todo',
    allow: REFUSED,
    async run({ page, shot }) {
      await page.goto('/')
      await page.evaluate(() => (window.sameDocument = true))
      await shot('begin')
      await page.getByLabel('What is to be done?').fill('Water <the> plants')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.locator('.todos li', { hasText: 'Water <the> plants' }).waitFor()
      await page.locator('.filters a', { hasText: 'Open 2' }).waitFor()
      assert.equal(await page.getByLabel('What is to be done?').inputValue(), '')

      await page.getByRole('checkbox', { name: 'Done: Water <the> plants' }).click()
      await page.locator('.todos li.done', { hasText: 'Water' }).waitFor()
      await page.locator('.filters a', { hasText: 'Done 2' }).waitFor()
      await shot('changed')

      await page.getByRole('link', { name: 'Open' }).click()
      await page.waitForURL('**/?show=open')
      await page.locator('.todos li', { hasText: 'Water' }).waitFor({ state: 'detached' })
      await page.goBack()
      await page.locator('.todos li.done', { hasText: 'Water' }).waitFor()
      await page.getByRole('button', { name: 'Clear done' }).click()
      await page.locator('.filters a', { hasText: 'All 1' }).waitFor()
      assert.equal(await page.evaluate(() => window.sameDocument), true)
    },
  },
  {
    name: 'todo: nothing to do is an error of the entry',
    example: 'todo',
    allow: REFUSED,
    async run({ page, shot }) {
      await page.goto('/')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('Write what is to be done').waitFor()
      assert.equal(await page.getByLabel('What is to be done?').getAttribute('aria-invalid'), 'true')
      assert.equal(await page.locator('.todos li').count(), 2)
      await shot('refused')
    },
  },
  {
    name: 'todo: works without scripts',
    example: 'todo',
    plain: true,
    async run({ page }) {
      await page.goto('/')
      await page.getByLabel('What is to be done?').fill('Plain')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.waitForURL('**/?show=all')
      await page.locator('.todos li', { hasText: 'Plain' }).waitFor()
      await page.getByRole('checkbox', { name: 'Done: Plain' }).click()
      await page.locator('.todos li.done', { hasText: 'Plain' }).waitFor()
    },
  },
]
