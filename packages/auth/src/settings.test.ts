import { Application } from '@tornado-ts/web'
import { expect, it } from 'vitest'
import type { AuthSettings } from './settings.ts'

/** A value that each setting cannot have. The compiler sees to it that none is missing. */
const wrong: Readonly<Record<keyof AuthSettings, unknown>> = {
  googleOauth: 'text',
  facebookApiKey: 42,
  facebookSecret: 42,
  twitterConsumerKey: 42,
  twitterConsumerSecret: 42,
}

it.each(Object.entries(wrong))(
  'an application knows the setting %s, and refuses what it cannot be',
  (name, value) => {
    expect(() => new Application([], { [name]: value } as object)).toThrow(`The setting ${name} must be`)
  },
)
