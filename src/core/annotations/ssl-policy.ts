import { accept, type Parser, refuse } from './parser.ts';
import { suggestion } from './scalar-parsers.ts';

/** Predefined policies of AWS documentation (2026), for suggestions: AWS adds some every year, so others pass too. */
const KNOWN = [
  'ELBSecurityPolicy-2016-08',
  'ELBSecurityPolicy-TLS-1-0-2015-04',
  'ELBSecurityPolicy-TLS-1-1-2017-01',
  'ELBSecurityPolicy-TLS-1-2-2017-01',
  'ELBSecurityPolicy-TLS-1-2-Ext-2018-06',
  'ELBSecurityPolicy-FS-2018-06',
  'ELBSecurityPolicy-FS-1-1-2019-08',
  'ELBSecurityPolicy-FS-1-2-2019-08',
  'ELBSecurityPolicy-FS-1-2-Res-2019-08',
  'ELBSecurityPolicy-FS-1-2-Res-2020-10',
  'ELBSecurityPolicy-TLS13-1-0-2021-06',
  'ELBSecurityPolicy-TLS13-1-1-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-Ext2-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
  'ELBSecurityPolicy-TLS13-1-3-2021-06',
  'ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04',
  'ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04',
  'ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04',
  'ELBSecurityPolicy-TLS13-1-2-PQ-2025-09',
  'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
  'ELBSecurityPolicy-TLS13-1-3-PQ-2025-09',
];

/** The name of a predefined ELB security policy; whether a new one exists only AWS can say. */
export const sslPolicy: Parser<string> = {
  type: 'name of an ELB security policy',
  schema: { pattern: '^\\s*ELBSecurityPolicy-[A-Za-z0-9-]+\\s*$' },
  parse: (raw) => {
    const value = raw.trim();
    if (/^ELBSecurityPolicy-[A-Za-z0-9-]+$/.test(value)) return accept(value);
    const completed = KNOWN.find((name) => name === `ELBSecurityPolicy-${value}`);
    return refuse(
      'the name of an ELB security policy like ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      completed ? { didYouMean: completed } : suggestion(value, KNOWN),
    );
  },
};
