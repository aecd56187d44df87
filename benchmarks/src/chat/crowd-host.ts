// Holds people in a process of its own: a line with the file of a CrowdPlan connects them; `speak RATE SECONDS` has some of them speak;
// `take` tells what was seen, once nothing has come for a second. Each is answered with a line of JSON.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd, type CrowdPlan } from './crowd.ts'

let crowd: Crowd | null = null

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...args] = line.split(' ')
  if (command === 'open') {
    crowd = new Crowd(JSON.parse(readFileSync(args[0]!, 'utf8')) as CrowdPlan)
    await crowd.open()
    say({ open: true })
  } else if (command === 'speak') {
    await crowd!.speak(Number(args[0]), Number(args[1]))
    say({ spoken: true })
  } else {
    for (let before = -1; before !== crowd!.received; await sleep(1000)) before = crowd!.received
    say(crowd!.take())
  }
}
process.exit(0)

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
