// SPDX-License-Identifier: MIT
export default [
  {
    name: 'hello: greets',
    example: 'hello',
    async run({ page, shot }) {
      await page.goto('/')
      await page.getByText('Hello, world!').waitFor()
      await page.getByLabel('Your name').fill('<b>Ada')
      await page.getByRole('button', { name: 'Greet' }).click()
      await page.getByText('Hello, <b>Ada!').waitFor()
      await page.waitForURL('**/?name=%3Cb%3EAda')
      await shot('greeting')
      await page.goBack()
      await page.getByText('Hello, world!').waitFor()
    },
  },
]
