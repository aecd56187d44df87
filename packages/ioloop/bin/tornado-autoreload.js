#!/usr/bin/env node
import { main } from '../dist/autoreload.js'

await main()
