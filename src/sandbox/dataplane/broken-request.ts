import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AnswerShape } from './answer-shape.ts';
import { SERVER_NAME } from './reply.ts';

/**
 * Answers on a bare connection what node's parser refused, with the status a load balancer has for it, and closes:
 * 501 for a transfer coding other than chunked, 408 for a client that did not finish its headers, else 400.
 */
export const answerBrokenRequest = (
  socket: Duplex,
  problem: { readonly status: number } | { readonly error: Error },
  shape: AnswerShape | undefined,
): void => {
  // Node has let go of the connection; without a listener a reset would be thrown.
  socket.on('error', () => socket.destroy());
  const status = 'status' in problem ? problem.status : statusOf(problem.error);
  if (status === undefined || !socket.writable) {
    socket.destroy();
    return;
  }
  const date = new Date().toUTCString();
  const own = shape?.server === false ? [] : [`Server: ${SERVER_NAME}`];
  const set = [...(shape?.headers ?? [])].map(([name, value]) => `${name}: ${value}`);
  const lines = [...own, `Date: ${date}`, ...set, 'Content-Length: 0', 'Connection: close'];
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n`);
};

/** Undefined when the connection is broken and there is nobody to answer. */
const statusOf = (error: Error): number | undefined => {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  if (code === 'HPE_INVALID_TRANSFER_ENCODING') return 501;
  return code.startsWith('HPE_') ? 400 : undefined;
};
