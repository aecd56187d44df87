import { expect, it } from 'vitest'
import { describeCases } from '../data.ts'
import { requestOutcomeOf } from './outcome.ts'

interface Case {
  readonly id: string
  readonly note: string
  readonly raw_base64: string
  readonly expect: 'accept' | 'reject'
}

/** Where we say something else than gunicorn; the README beside says why. */
const differences = new Map<string, string>([
  ['gun-valid-009', '400'],
  ['gun-valid-025', '400'],
  ['gun-valid-025_line', '400'],
  ['gun-valid-028', '400'],
  ['gun-valid-029', '400'],
  ['gun-valid-030', '400'],
  ['gun-valid-099', 'a head'],
  ['gun-valid-compat_obs_fold', '400'],
  ['gun-valid-compat_obs_fold_huge', '400'],
  ['gun-valid-pp_01', '400'],
  ['gun-valid-pp_02', '400'],
  ['gun-valid-pp_04', '400'],
  ['gun-valid-pp_05', '400'],
  ['gun-valid-rfc9112_smuggle_gzip_chunked_01', '400'],
  ['gun-valid-rfc9112_smuggle_te_identity_chunked_01', '400'],
  ['gun-valid-rfc9112_target_absolute_userinfo_01', '400'],
  ['gun-invalid-003c', '1 complete'],
  ['gun-invalid-006', '1 complete'],
  ['gun-invalid-007', '1 complete'],
  ['gun-invalid-008', '1 complete'],
  ['gun-invalid-010', '1 complete'],
  ['gun-invalid-011', '1 complete'],
  ['gun-invalid-012', '1 complete'],
  ['gun-invalid-017', '1 complete'],
  ['gun-invalid-019', '1 complete'],
  ['gun-invalid-040', '1 complete'],
  ['gun-invalid-041', '1 complete'],
  ['gun-invalid-chunked_07', '1 complete'],
  ['gun-invalid-limit_header_default_01', '1 complete'],
  ['gun-invalid-rfc9110_trailer_forbidden_cl_01', '1 complete'],
  ['gun-invalid-rfc9110_trailer_forbidden_host_01', '1 complete'],
  ['gun-invalid-rfc9110_trailer_forbidden_te_01', '1 complete'],
  ['gun-invalid-rfc9112_smuggle_cl_list_form_01', '1 complete'],
])

describeCases<Case>('gunicorn-requests.json', (cases) => {
  it.each(cases.map((each) => [each.id, each] as const))('%s', (id, each) => {
    const raw = Buffer.from(each.raw_base64, 'base64').toString('latin1')
    const difference = differences.get(id)
    if (difference !== undefined) expect(requestOutcomeOf(raw).brief).toBe(difference)
    else if (each.expect === 'accept') {
      const { status, messages } = requestOutcomeOf(raw)
      expect(status).toBeNull()
      expect(messages.length).toBeGreaterThan(0)
      expect(messages.every((message) => message.complete)).toBe(true)
    } else {
      // A request that is broken off is seen to be so at the end of the input.
      const { status, messages } = requestOutcomeOf(raw, { end: true })
      expect(status).not.toBeNull()
      expect(messages.some((message) => message.complete)).toBe(false)
    }
  })
})
