// What some tests need from the system: installed where that can be done without asking, named where it cannot.
// A test that needs one of these skips by itself, and only it, when the thing is missing.
import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { accessSync, constants } from 'node:fs'

/** `present` is asked each time, so it must be quick. */
const wanted = [
  {
    debian: 'python3-tornado',
    use: 'tests against Python Tornado',
    // The interpreter of the system: another one on PATH would not see the system's packages.
    present: () => succeeds('/usr/bin/python3', ['-c', 'import tornado']),
  },
  {
    debian: 'python3-flask',
    use: 'tests of a Flask application',
    present: () => succeeds('/usr/bin/python3', ['-c', 'import flask']),
  },
  {
    debian: 'python3-django',
    use: 'tests of a Django application',
    present: () => succeeds('/usr/bin/python3', ['-c', 'import django']),
  },
  { debian: 'php-cgi', use: 'tests of the FastCGI client with PHP', present: () => onPath('php-cgi') },
  {
    debian: 'php-fpm',
    use: 'tests of the FastCGI client with the process manager of PHP',
    // Named after its version, and kept out of the PATH of those who are not root.
    present: () =>
      ['', '8.2', '8.3', '8.4'].some((version) => succeeds(`/usr/sbin/php-fpm${version}`, ['-v'])),
  },
  {
    debian: 'libcurl4',
    use: 'tests of the libcurl client',
    present: () => libraryThere('libcurl.so.4'),
  },
  { debian: 'curl', use: 'tests with curl as the client', present: () => onPath('curl') },
  {
    debian: 'nginx-light',
    use: 'tests behind nginx',
    // Debian keeps it out of the PATH of those who are not root.
    present: () => succeeds('nginx', ['-v']) || succeeds('/usr/sbin/nginx', ['-v']),
  },
  { debian: 'tinyproxy', use: 'tests through an HTTP proxy', present: () => onPath('tinyproxy') },
  { debian: 'microsocks', use: 'tests through a SOCKS proxy', present: () => onPath('microsocks') },
  {
    debian: 'squid-openssl',
    use: 'tests through a proxy over TLS, and with digest authentication',
    present: () => succeeds('squid', ['-v']) || succeeds('/usr/sbin/squid', ['-v']),
  },
  { debian: 'chromium', use: 'tests with a browser', present: () => onPath('chromium') },
]

/**
 * Installs what is missing, where it can.
 *
 * @returns {{ present: string[], missing: { debian: string, use: string, reason: string }[] }}
 */
export function provideSystemPackages(packages = wanted, install = aptInstall) {
  let absent = packages.filter((each) => !each.present())
  let reason
  if (absent.length > 0) {
    reason = install(absent.map((each) => each.debian))
    absent = absent.filter((each) => !each.present())
  }
  return {
    present: packages.filter((each) => !absent.includes(each)).map((each) => each.debian),
    missing: absent.map(({ debian, use }) => ({ debian, use, reason: reason ?? 'installed, but not found' })),
  }
}

/** The names of those that are there now. */
export function presentSystemPackages() {
  return wanted.filter((each) => each.present()).map((each) => each.debian)
}

/** @returns {string | undefined} why nothing was installed */
function aptInstall(names) {
  if (!onPath('apt-get')) return 'no apt-get on this system'
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (asRoot.length > 0 && !succeeds('sudo', ['-n', 'true']))
    return 'neither root nor sudo without a password'
  const apt = (...args) => {
    const limits = [
      '-o',
      'Acquire::Retries=1',
      '-o',
      'Acquire::http::Timeout=15',
      '-o',
      'DPkg::Lock::Timeout=60',
    ]
    const [command, ...rest] = [
      ...asRoot,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      ...limits,
      ...args,
    ]
    return succeeds(command, rest)
  }
  const install = () => apt('install', '-y', '--no-install-recommends', ...names)
  // The lists of a fresh image are empty or old; asking for them costs more than trying first.
  if (install() || (apt('update') && install())) return undefined
  return 'apt-get could not install it'
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

function libraryThere(name) {
  const known = spawnSync('ldconfig', ['-p'], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` },
  })
  return known.status === 0 && known.stdout.includes(name)
}

function onPath(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

if (import.meta.main) {
  const { present, missing } = provideSystemPackages()
  if (present.length > 0) console.log(`present: ${present.join(', ')}`)
  for (const { debian, use, reason } of missing)
    console.log(`note: no ${debian} (${reason}): ${use} are skipped`)
}
