// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const fill = async (page, name, password, button) => {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: button }).click()
}

export default [
  {
    name: 'login: the door, the way back, and out',
    example: 'login',
    allow: /status of 422/,
    async run({ page, shot }) {
      await page.goto('/members')
      await page.waitForURL('**/login?next=%2Fmembers')
      await fill(page, 'ada', 'wrong horse', 'Log in')
      await page.getByText('Wrong name or password').waitFor()
      await shot('refused')
      await page.getByRole('link', { name: 'Sign up' }).click()
      await fill(page, 'ada', 'short', 'Sign up')
      await page.getByText('Must be at least 10 characters').waitFor()
      await fill(page, 'ada', 'long enough', 'Sign up')
      await page.getByText('You are ada').waitFor()
      assert.equal(new URL(page.url()).pathname, '/members')
      await shot('members')
      await page.getByRole('button', { name: 'Log out', exact: true }).click()
      await page.getByText('Welcome').waitFor()
      await page.goto('/members')
      await fill(page, 'ADA', 'long enough', 'Log in')
      await page.getByText('You are ada').waitFor()
    },
  },
  {
    name: 'login: everywhere at once',
    example: 'login',
    plain: true,
    async run({ page, app }) {
      await page.goto('/signup')
      await fill(page, 'ada', 'long enough', 'Sign up')
      await page.getByText('You are ada').waitFor()
      // Another browser of the same user, by its own session.
      const other = await (await page.context().browser().newContext({ baseURL: app.url })).newPage()
      await other.goto('/login')
      await fill(other, 'ada', 'long enough', 'Log in')
      await other.getByText('You are ada').waitFor()
      await page.getByRole('button', { name: 'Log out everywhere' }).click()
      await page.getByText('Welcome').waitFor()
      await other.goto('/members')
      await other.waitForURL('**/login?next=%2Fmembers')
      await other.context().close()
    },
  },
]
