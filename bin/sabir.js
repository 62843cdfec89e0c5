#!/usr/bin/env node
// Starts the build of src/main.ts. Where Node can keep compiled code between runs, it does.
import module from 'node:module'

module.enableCompileCache?.()
const { main } = await import('../dist/main.js')
await main(process.argv.slice(2))
