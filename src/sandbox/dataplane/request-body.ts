import type { IncomingMessage } from 'node:http';
import { Http2ServerRequest } from 'node:http2';
import { type Readable, Transform } from 'node:stream';
import { firstHeader } from './request-facts.ts';

/**
 * The request's body as a stream of its own, so that a failing target never destroys the client's connection;
 * undefined when the request has none. `onIdle` is called when the client stays silent for `idleTimeoutMs`,
 * `onChunk` with the bytes of each piece.
 */
export const requestBody = (
  request: IncomingMessage | Http2ServerRequest,
  idleTimeoutMs: number,
  onIdle: () => void,
  onChunk: (bytes: number) => void,
): Readable | undefined => {
  if (!hasBody(request)) return undefined;
  const timer = setTimeout(onIdle, idleTimeoutMs);
  const body = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      timer.refresh();
      onChunk(chunk.length);
      done(null, chunk);
    },
    flush: (done) => {
      clearTimeout(timer);
      done();
    },
  });
  body.once('close', () => {
    clearTimeout(timer);
    // What nobody wants any more has to be read all the same, or the client's next request never arrives.
    request.unpipe(body);
    request.resume();
  });
  // The exchange ends by its own signals; without a listener node would throw on a broken-off upload.
  body.on('error', () => undefined);
  return request.pipe(body);
};

const hasBody = (request: IncomingMessage | Http2ServerRequest): boolean => {
  if (request instanceof Http2ServerRequest) return !request.stream.endAfterHeaders;
  const length = firstHeader(request.rawHeaders, 'content-length');
  return length === undefined
    ? firstHeader(request.rawHeaders, 'transfer-encoding') !== undefined
    : length !== '0';
};
