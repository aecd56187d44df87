import { SSLCertVerificationError, SSLError } from '../errors.ts'

/** Gives an error of the platform's TLS its name; other errors stay as they are. */
export function toSSLError(error: Error): Error {
  const { code = '', reason } = error as NodeJS.ErrnoException & { reason?: string }
  if (isVerificationCode(code)) {
    return new SSLCertVerificationError(`Certificate verify failed: ${error.message} (${code})`, code, {
      cause: error,
    })
  }
  if (/^ERR_(SSL|TLS|OSSL)_/.test(code)) {
    return new SSLError(`TLS failed: ${reason ?? error.message} (${code})`, code, { cause: error })
  }
  return error
}

/** The error of a certificate that was not accepted, known by OpenSSL's word for it. */
export function toVerificationError(code: string): SSLCertVerificationError {
  return new SSLCertVerificationError(`Certificate verify failed (${code})`, code)
}

/** OpenSSL's words for what is wrong with a certificate, and Node's for one of another host. */
function isVerificationCode(code: string): boolean {
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' || verificationCode.test(code)
}

const verificationCode =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_C|INVALID_(CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_|AKID_|KEYUSAGE_|SUBJECT_ISSUER_|UNSUPPORTED_|EE_KEY_|CA_)/
