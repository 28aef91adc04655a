// SPDX-License-Identifier: MIT
export default [
  {
    name: 'news: scores change by themselves',
    example: 'news',
    arguments: () => ['--demo', '--port', '0'],
    allow: /^Event$/, // the stream of the page that one leaves
    async run({ page, shot }) {
      await page.goto('/')
      const before = await page.locator('#points-1').textContent()
      await page.waitForFunction(
        (text) => document.querySelector('#points-1').textContent !== text,
        before,
      )
      await shot('front')
      await page.getByRole('link', { name: '4 comments' }).click()
      await page.getByText('And it is fast & small.').waitFor()
      await shot('story')
    },
  },
]
