/** What a FastCGI server sent is not FastCGI, or not a response. The connection is closed; the request gets 502. */
export class FastCGIProtocolError extends Error {
  override readonly name = 'FastCGIProtocolError'
}

/** The connection to the FastCGI server broke, or could not be made, before the response was complete: 502. */
export class FastCGIConnectionError extends Error {
  override readonly name = 'FastCGIConnectionError'
}

/** No worker was free within `queueTimeoutMs`, the queue was full, or there is no worker at all: 503. */
export class NoWorkerError extends Error {
  override readonly name = 'NoWorkerError'
}

/** The application made no progress within `requestTimeoutMs`: 504. */
export class RequestTimeoutError extends Error {
  override readonly name = 'RequestTimeoutError'
}

/** Python workers cannot be started; the message holds the traceback or the status of the last one. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError'
}

/** The application broke the protocol of WSGI: 500. */
export class WSGIApplicationError extends Error {
  override readonly name = 'WSGIApplicationError'
}
