// @tornado-ts/testing

// An application for one test
export { serve, ServedApplication, type ServeOptions } from './serve.ts'
export { inject, type InjectOptions, type InjectTarget } from './inject.ts'
export { type Disconnect, disconnectAtEveryByte, type DisconnectOptions } from './disconnect-at-every-byte.ts'
export { bindUnusedPort, type BindUnusedPortOptions } from './bind-unused-port.ts'

// Time
export { genTest, type GenTestOptions } from './gen-test.ts'
export { getAsyncTestTimeoutMs } from './async-test-timeout.ts'
export { FakeClock } from '@tornado-ts/ioloop/testing'

// Logs
export { ExpectLog } from './expect-log.ts'
export {
  captureLogs,
  expectLog,
  type ExpectedLog,
  type ExpectLogOptions,
  type LogCapture,
} from '@tornado-ts/log/testing'

// Classes of tests
export { AsyncTestCase, type TestMethods, type WaitOptions } from './async-test-case.ts'
export { AsyncHTTPTestCase, type TestFetchOptions } from './async-http-test-case.ts'
export { AsyncHTTPSTestCase } from './async-https-test-case.ts'
export { setupWithContextManager } from './setup-with-context-manager.ts'
export { defineTestCase, type TestCaseClass, type TestRunner } from './define-test-case.ts'
export { main, type MainOptions } from './main.ts'
