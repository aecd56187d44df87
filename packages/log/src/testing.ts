// @tornado-ts/log/testing

export { captureLogs, type LogCapture } from './capture.ts'
export { expectLog, type ExpectedLog, type ExpectLogOptions } from './expect-log.ts'
