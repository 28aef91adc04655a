// SPDX-License-Identifier: MIT
// run.mjs BUILD PACKAGES ARTEFACTS [NAME…] - runs the scenarios one after another and counts them.
import { readdirSync, rmSync } from 'node:fs'
import { Harness } from './harness.mjs'

const [build, packages, artefacts, ...names] = process.argv.slice(2)
if (names.length === 0) rmSync(artefacts, { recursive: true, force: true })
const harness = new Harness(build, packages, artefacts)
const folder = new URL('./scenarios/', import.meta.url)
const scenarios = []
for (const file of readdirSync(folder).sort()) {
  for (const scenario of (await import(new URL(file, folder))).default) scenarios.push(scenario)
}

let passed = 0
let failed = 0
await harness.open()
try {
  for (const scenario of scenarios) {
    if (names.length > 0 && !names.some((name) => scenario.name.includes(name))) continue
    const why = await harness.run(scenario)
    if (why === null) passed++
    else failed++
    console.log(`${why === null ? 'ok  ' : 'FAIL'} ${scenario.name}`)
    if (why !== null) console.log(why.replace(/^/gm, '     '))
  }
} finally {
  await harness.close()
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
