import { headerValues, type RequestFacts } from './request-facts.ts';

/**
 * The status a request is refused with before any rule is looked at, by AWS's documented limits: request line and
 * each header 16 KB, all headers 64 KB, 30 addresses in X-Forwarded-For, no TRACE, no coding other than chunked. Undefined when it may pass.
 */
export const refusalStatus = (request: RequestFacts, httpVersion: string): number | undefined => {
  if (request.method === 'TRACE') return 405;
  if (request.method.length + request.uri.length + 10 > LINE) return 414;
  if (headersTooLarge(request.headers)) return 400;
  if (request.authority === '' && httpVersion === '1.1') return 400;
  if (
    headerValues(request.headers, 'transfer-encoding').some((coding) => !/^(chunked|identity)$/i.test(coding))
  )
    return 501;
  if (forwardedForEntries(request.headers) > 30) return 463;
  return undefined;
};

const LINE = 16 * 1024;
const ALL_HEADERS = 64 * 1024;

const headersTooLarge = (headers: readonly string[]): boolean => {
  let total = 0;
  for (let at = 0; at < headers.length; at += 2) {
    const size = (headers[at]?.length ?? 0) + (headers[at + 1]?.length ?? 0) + 4;
    if (size > LINE) return true;
    total += size;
  }
  return total > ALL_HEADERS;
};

const forwardedForEntries = (headers: readonly string[]): number =>
  headerValues(headers, 'x-forwarded-for').reduce((sum, value) => sum + value.split(',').length, 0);
