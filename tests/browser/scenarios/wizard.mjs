// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const next = (page) => page.getByRole('button', { name: 'Next' }).click()
const step = (page, title) => page.getByRole('heading', { name: title }).waitFor()

export default [
  {
    name: 'wizard: back and forth between boosted steps',
    example: 'wizard',
    allow: /status of 422/,
    async run({ page, shot }) {
      await page.goto('/')
      await page.evaluate(() => (window.sameDocument = true))
      await page.getByLabel('Name').fill('Ada')
      await next(page)
      await page.getByText('Please say where we can reach you').waitFor()
      await shot('refused')
      await page.getByLabel('Email').fill('ada@example.org')
      await next(page)
      await step(page, 'Which course, Ada?')
      assert.equal(new URL(page.url()).pathname, '/course')
      await shot('course')

      // The browser's button: the refusal was no step of its own, and the answers are there.
      await page.goBack()
      await step(page, 'Who is coming?')
      assert.equal(new URL(page.url()).pathname, '/')
      assert.equal(await page.getByLabel('Name').inputValue(), 'Ada')
      assert.equal(await page.getByLabel('Email').inputValue(), 'ada@example.org')
      await page.goForward()
      await step(page, 'Which course, Ada?')

      await page.getByLabel('Course').selectOption('pottery')
      await page.getByLabel('With lunch').check()
      await next(page)
      await step(page, 'Is that right?')
      await shot('review')
      await page.getByRole('link', { name: 'Back' }).click()
      await step(page, 'Which course, Ada?')
      assert.equal(await page.getByLabel('Course').inputValue(), 'pottery')
      assert.equal(await page.getByLabel('With lunch').isChecked(), true)
      await next(page)
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('R-0001').waitFor()
      assert.equal(await page.evaluate(() => window.sameDocument), true)

      // What is done can't be sent again by going back.
      await page.goBack()
      await step(page, 'Who is coming?')
      assert.equal(await page.getByLabel('Name').inputValue(), '')
    },
  },
  {
    name: 'wizard: works without scripts',
    example: 'wizard',
    plain: true,
    async run({ page }) {
      await page.goto('/')
      await page.getByLabel('Name').fill('Ada')
      await page.getByLabel('Email').fill('ada@example.org')
      await next(page)
      await page.getByLabel('Course').selectOption('weaving')
      await next(page)
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('R-0001').waitFor()
    },
  },
]
