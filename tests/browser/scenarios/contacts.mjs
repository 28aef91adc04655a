// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const REFUSED = /status of 422/

export default [
  {
    name: 'contacts: edited in their place',
    example: 'contacts',
    async run({ page, shot }) {
      await page.goto('/')
      await shot('list')
      await page.getByRole('link', { name: 'Edit Alan Turing' }).click()
      await page.locator('#edit-2-name').fill('Alan M. Turing')
      await shot('editing')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: 'Alan M. Turing' }).waitFor()
      assert.equal(new URL(page.url()).pathname, '/')

      await page.getByRole('link', { name: 'Edit Ada Lovelace' }).click()
      await page.getByRole('link', { name: 'Cancel' }).click()
      await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor()

      page.on('dialog', (dialog) => dialog.accept())
      await page.getByRole('button', { name: 'Delete Grace Hopper' }).click()
      await page.locator('#count', { hasText: '2 contacts' }).waitFor()
      assert.equal(await page.locator('.contacts li').count(), 2)
    },
  },
  {
    name: 'contacts: errors stand at their fields',
    example: 'contacts',
    allow: REFUSED,
    async run({ page, shot }) {
      const entry = page.locator('#entry')
      await page.goto('/')
      await entry.getByLabel('Name').fill('Ada again')
      await entry.getByLabel('Email').fill('nowhere')
      await entry.getByLabel('Phone').fill('call me')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await entry.getByText('Must be a valid email address').waitFor()
      await entry.getByText('Digits, spaces, + and brackets only').waitFor()
      assert.equal(await entry.getByLabel('Name').inputValue(), 'Ada again')
      await shot('refused')
      await entry.getByLabel('Email').fill('ADA@example.org')
      await entry.getByLabel('Phone').fill('')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await entry.getByText('Somebody has this address already').waitFor()
      await entry.getByLabel('Email').fill('ada2@example.org')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.locator('#count', { hasText: '4 contacts' }).waitFor()
      await page.getByRole('heading', { name: 'Ada again' }).waitFor()
      assert.equal(await entry.getByLabel('Name').inputValue(), '')
    },
  },
  {
    name: 'contacts: work without scripts',
    example: 'contacts',
    plain: true,
    allow: REFUSED,
    async run({ page, shot }) {
      await page.goto('/')
      await page.getByRole('link', { name: 'Edit Ada Lovelace' }).click()
      await page.waitForURL('**/contacts/1/edit')
      await page.getByLabel('Name').fill('')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('What is the name?').waitFor()
      await shot('page')
      await page.getByLabel('Name').fill('Ada')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('heading', { name: 'Ada', exact: true }).waitFor()
    },
  },
]
