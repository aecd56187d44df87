import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SpawnedServer } from './spawned-server.ts'

/**
 * Starts nginx. `configure` answers what stands in the block `http` of its configuration, besides the paths of files; a
 * server listens on the port.
 */
export async function startNginx(
  program: string,
  configure: (port: number, folder: string) => Promise<string> | string,
): Promise<SpawnedServer> {
  return await SpawnedServer.start(async (port, folder) => {
    const file = join(folder, 'nginx.conf')
    await writeFile(file, configuration(folder, await configure(port, folder)))
    return spawn(program, ['-e', join(folder, 'error.log'), '-p', folder, '-c', file], { stdio: 'ignore' })
  })
}

function configuration(folder: string, http: string): string {
  return `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 512; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      ${http}
    }
  `
}
