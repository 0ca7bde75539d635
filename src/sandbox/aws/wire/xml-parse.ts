/** Reads the XML bodies that REST-XML clients send: elements and text, no document types, bounded depth. */
import { malformed } from './text-values.ts';

export type XmlElement = { readonly name: string; text: string; readonly children: XmlElement[] };

const MAX_DEPTH = 64;
const TOKEN =
  /<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([A-Za-z_][^\s/>]*)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/gy;

/** Parses a document to its root element. Namespaces are dropped: the AWS protocols do not tell members apart by them. */
export const parseXml = (source: string): XmlElement => {
  const top: XmlElement = { name: '', text: '', children: [] };
  const open: XmlElement[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(source);
    if (token === null || !take(token, open)) throw broken(source, at);
  }
  const [root] = top.children;
  if (root === undefined || open.length !== 1 || top.children.length !== 1 || top.text.trim() !== '') {
    throw broken(source, source.length);
  }
  return root;
};

/** Adds one token to the innermost open element; false when it cannot stand there. */
const take = ([, cdata, close, name, , empty, text]: RegExpExecArray, open: XmlElement[]): boolean => {
  const current = open.at(-1);
  if (current === undefined) return false;
  if (cdata !== undefined || text !== undefined) {
    current.text += cdata ?? decodeEntities(text ?? '');
    return true;
  }
  if (close !== undefined) {
    if (open.length === 1 || local(close) !== current.name) return false;
    open.pop();
    return true;
  }
  if (name === undefined) return true;
  const element: XmlElement = { name: local(name), text: '', children: [] };
  current.children.push(element);
  if (empty === '') open.push(element);
  return open.length <= MAX_DEPTH;
};

const broken = (source: string, at: number) =>
  malformed(`the XML body at character ${at}`, 'a well-formed document', source.slice(at, at + 40));

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const decodeEntities = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+);|&/g, (found, name: string | undefined) => {
        if (name === undefined) throw malformed('the XML body', 'an escaped ampersand', text);
        const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
        const character = name.startsWith('#') ? characterOf(code) : ENTITIES[name];
        if (character === undefined) throw malformed('the XML body', 'a known entity', found);
        return character;
      })
    : text;

const characterOf = (code: number): string | undefined =>
  code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
