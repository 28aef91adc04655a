// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const move = (page, title, way) => page.getByRole('button', { name: `Move “${title}” ${way}` }).click()
const count = (page, column, number) =>
  page.locator(`#count-${column}`, { hasText: new RegExp(`^${number}$`) }).waitFor()

export default [
  {
    name: 'kanban: cards move, and every count with them',
    example: 'kanban',
    allow: /status of 409/,
    async run({ page, shot }) {
      await page.goto('/')
      await page.evaluate(() => (window.sameDocument = true))
      await move(page, 'Order the wood', 'right')
      await page.locator('#cards-2 li', { hasText: 'Order the wood' }).waitFor()
      await count(page, 1, 1)
      await count(page, 2, 2)
      await count(page, 3, 1)
      assert.equal(await page.locator('.cards li', { hasText: 'Order the wood' }).count(), 1)
      await shot('moved')

      // A card that came out of band is as alive as the others.
      await move(page, 'Order the wood', 'right')
      await page.locator('#cards-3 li', { hasText: 'Order the wood' }).waitFor()
      await move(page, 'Order the wood', 'left')
      await move(page, 'Choose a colour for the shed', 'right')
      await count(page, 2, 3)
      await page.getByLabel('New card').fill('Paint')
      await page.getByRole('button', { name: 'Add' }).click()
      await count(page, 1, 1)
      assert.equal(await page.getByLabel('New card').inputValue(), '')

      await move(page, 'Paint', 'right')
      await page.getByText('That column is full').waitFor()
      await shot('full')
      await count(page, 2, 3)
      await move(page, 'Draw a plan', 'right')
      await page.getByText('That column is full').waitFor({ state: 'detached' })
      await move(page, 'Paint', 'right')
      await page.locator('#cards-2 li', { hasText: 'Paint' }).waitFor()
      assert.equal(await page.evaluate(() => window.sameDocument), true)
    },
  },
]
