import { apiVersionOf, type KindTable } from '../kinds.ts';
import { type Exchange, flag, sendJson, sendText } from './answer.ts';

const ROOTS = ['healthz', 'livez', 'readyz'];
/** What is looked at; nothing here can be ill while the server answers at all. */
const CHECKS = ['ping', 'log'];

/** Answers the paths an API server has besides its resources. False when the path is none of them. */
export const serveHealth = (exchange: Exchange, kinds: KindTable): boolean => {
  const { pathname } = exchange.url;
  const [root = '', check, ...more] = pathname.split('/').slice(1);
  if (pathname === '/') {
    sendJson(exchange, 200, { paths: pathsOf(kinds) });
    return true;
  }
  if (!ROOTS.includes(root) || more.length > 0) return false;
  if (check !== undefined && check !== '' && !CHECKS.includes(check)) return false;
  const verbose = exchange.url.searchParams.has('verbose') || flag(exchange, 'verbose');
  const lines = [...CHECKS.map((one) => `[+]${one} ok`), `${root} check passed`, ''];
  sendText(exchange, 200, verbose && !check ? lines.join('\n') : 'ok', 'text/plain; charset=utf-8');
  return true;
};

const pathsOf = (kinds: KindTable): readonly string[] => {
  const versions = new Set(kinds.all().map(apiVersionOf));
  const served = [...versions].flatMap((version) =>
    version.includes('/') ? [`/apis/${version.split('/')[0]}`, `/apis/${version}`] : [`/api/${version}`],
  );
  const health = ROOTS.flatMap((root) => [`/${root}`, ...CHECKS.map((check) => `/${root}/${check}`)]);
  return [
    ...new Set(['/api', '/apis', ...served, ...health, '/openapi/v2', '/openapi/v3', '/version']),
  ].sort();
};
