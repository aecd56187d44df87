// @tornado-ts/ioloop/testing

export { FakeClock } from './fake-clock.ts'
