// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict'

const file = (name, size) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.alloc(size, 'x') })

const upload = async (page, files) => {
  await page.getByLabel('Files').setInputFiles(files)
  await page.getByRole('button', { name: 'Upload' }).click()
}

export default [
  {
    name: 'upload: the bar moves, limits are told',
    example: 'upload',
    allow: /status of (422|413)/,
    async run({ page, shot }) {
      await page.goto('/')
      await page.evaluate(() => {
        window.steps = []
        document.addEventListener('htmx:xhr:progress', () =>
          window.steps.push(document.querySelector('progress').value),
        )
      })
      await upload(page, [file('first.bin', 3_000_000), file('second.bin', 3_000_000)])
      await page.getByText('first.bin has been kept').waitFor()
      await page.getByText('second.bin has been kept').waitFor()
      await page.getByRole('link', { name: 'second.bin' }).waitFor()
      const steps = await page.evaluate(() => window.steps)
      assert.equal(steps.at(-1), 1)
      assert.deepEqual(steps, [...steps].sort((a, b) => a - b))
      await upload(page, [file('first.bin', 10), file('large.bin', 5_000_000)])
      await page.getByText('first.bin is there already').waitFor()
      await page.getByText('large.bin is too large').waitFor()
      assert.equal(await page.getByRole('link', { name: 'large.bin' }).count(), 0)
      await shot('limits')
      await upload(page, [])
      await page.getByText('Choose a file').waitFor()
    },
  },
  {
    name: 'upload: works without scripts',
    example: 'upload',
    plain: true,
    async run({ page }) {
      await page.goto('/')
      await upload(page, [file('plain <b>.txt', 100)])
      await page.getByRole('link', { name: 'plain <b>.txt' }).waitFor()
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'plain <b>.txt' }).click(),
      ])
      assert.equal(await download.failure(), null)
    },
  },
]
