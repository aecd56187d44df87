// @tornado-ts/ioloop/testing

export { FakeClock } from './loop/fake-clock.ts'
