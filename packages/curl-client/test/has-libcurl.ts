import { libcurl } from '../src/libcurl.ts'

/** Whether tests of libcurl can run here. */
export const hasLibcurl: boolean = ((): boolean => {
  try {
    libcurl()
    return true
  } catch {
    return false
  }
})()
