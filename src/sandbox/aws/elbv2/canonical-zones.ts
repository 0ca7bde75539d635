/** The hosted zone that the names of a Region's load balancers of a kind lie in (AWS General Reference). */
import type { BalancerKind } from './balancer-kind.ts';

const APPLICATION: Readonly<Record<string, string>> = {
  'us-east-1': 'Z35SXDOTRQ7X7K',
  'us-east-2': 'Z3AADJGX6KTTL2',
  'us-west-1': 'Z368ELLRRE2KJ0',
  'us-west-2': 'Z1H1FL5HABSF5',
  'ca-central-1': 'ZQSVJUPU6J1EY',
  'ca-west-1': 'Z06473681N0SF6OS049SD',
  'ap-east-1': 'Z3DQVH9N71FHZ0',
  'ap-east-2': 'Z02789141MW7T1WBU19PO',
  'ap-south-1': 'ZP97RAFLXTNZK',
  'ap-south-2': 'Z0173938T07WNTVAEPZN',
  'ap-northeast-1': 'Z14GRHDCWA56QT',
  'ap-northeast-2': 'ZWKZPGTI48KDX',
  'ap-northeast-3': 'Z5LXEXXYW11ES',
  'ap-southeast-1': 'Z1LMS91P8CMLE5',
  'ap-southeast-2': 'Z1GM3OXH4ZPM65',
  'ap-southeast-3': 'Z08888821HLRG5A9ZRTER',
  'ap-southeast-4': 'Z09517862IB2WZLPXG76F',
  'ap-southeast-5': 'Z06010284QMVVW7WO5J',
  'ap-southeast-6': 'Z023301818UFJ50CIO0MV',
  'ap-southeast-7': 'Z0390008CMBRTHFGWBCB',
  'eu-central-1': 'Z215JYRZR1TBD5',
  'eu-central-2': 'Z06391101F2ZOEP8P5EB3',
  'eu-west-1': 'Z32O12XQLNTSW2',
  'eu-west-2': 'ZHURV8PSTC4K8',
  'eu-west-3': 'Z3Q77PNBQS71R4',
  'eu-north-1': 'Z23TAZ6LKFMNIO',
  'eu-south-1': 'Z3ULH7SSC9OV64',
  'eu-south-2': 'Z0956581394HF5D5LXGAP',
  'sa-east-1': 'Z2P70J7HTTTPLU',
  'mx-central-1': 'Z023552324OKD1BB28BH5',
  'me-central-1': 'Z08230872XQRWHG2XF6I',
  'me-south-1': 'ZS929ML54UICD',
  'af-south-1': 'Z268VQBMOI5EKX',
  'il-central-1': 'Z09170902867EHPV2DABU',
  'us-gov-west-1': 'Z33AYJ8TM3BH4J',
  'us-gov-east-1': 'Z166TLBEWOO7G0',
  'cn-north-1': 'Z1GDH35T77C1KE',
  'cn-northwest-1': 'ZM7IZAIOVVDZF',
};

const NETWORK: Readonly<Record<string, string>> = {
  'us-east-2': 'ZLMOA37VPKANP',
  'us-east-1': 'Z26RNL4JYFTOTI',
  'us-west-1': 'Z24FKFUX50B4VW',
  'us-west-2': 'Z18D5FSROUN65G',
  'ca-central-1': 'Z2EPGBW3API2WT',
  'ap-east-1': 'Z12Y7K3UBGUAD1',
  'ap-south-1': 'ZVDDRBQ08TROA',
  'ap-south-2': 'Z0711778386UTO08407HT',
  'ap-northeast-1': 'Z31USIVHYNEOWT',
  'ap-northeast-2': 'ZIBE1TIR4HY56',
  'ap-northeast-3': 'Z1GWIQ4HH19I5X',
  'ap-southeast-1': 'ZKVM4W9LS7TM',
  'ap-southeast-2': 'ZCT6FZBF4DROD',
  'ap-southeast-3': 'Z01971771FYVNCOVWJU1G',
  'ap-southeast-4': 'Z01156963G8MIIL7X90IV',
  'eu-central-1': 'Z3F0SRJ5LGBH90',
  'eu-central-2': 'Z02239872DOALSIDCX66S',
  'eu-west-1': 'Z2IFOLAFXWLO4F',
  'eu-west-2': 'ZD4D7Y8KGAS4G',
  'eu-west-3': 'Z1CMS0P5QUZ6D5',
  'eu-north-1': 'Z1UDT6IFJ4EJM',
  'eu-south-1': 'Z23146JA1KNAFP',
  'eu-south-2': 'Z1011216NVTVYADP1SSV',
  'sa-east-1': 'ZTK26PT1VY4CU',
  'mx-central-1': 'Z02031231H3ID6HYJ9A7U',
  'me-central-1': 'Z00282643NTTLPANJJG2P',
  'me-south-1': 'Z3QSRYVP46NYYV',
  'af-south-1': 'Z203XCE67M25HM',
  'il-central-1': 'Z0313266YDI6ZRHTGQY4',
  'us-gov-west-1': 'ZMG1MZ2THAWF1',
  'us-gov-east-1': 'Z1ZSMQQ6Q24QQ8',
  'cn-north-1': 'Z3QFB96KMJ7ED6',
  'cn-northwest-1': 'ZQEIKTCZ8352D',
};

/** Every Region that has load balancers. */
export const REGIONS: readonly string[] = Object.keys(APPLICATION);

/** Whether AWS has a Region of this name. */
export const isRegion = (name: string): boolean => Object.hasOwn(APPLICATION, name);

/** A Region that the tables do not know gets a zone of its own, which is none of AWS's. */
export const canonicalZone = (region: string, kind: BalancerKind): string => {
  const own = region.toUpperCase().replaceAll('-', '');
  return kind === 'network'
    ? (NETWORK[region] ?? `ZSANDBOXNLB${own}`)
    : (APPLICATION[region] ?? `ZSANDBOX${own}`);
};

/** The Region and kind of load balancers whose names lie in a hosted zone; `own` is the sandbox's Region. */
export const balancersOfZone = (
  zone: string,
  own: string,
): { readonly region: string; readonly kind: BalancerKind } | undefined => {
  const tables = [
    ['application', APPLICATION],
    ['network', NETWORK],
  ] as const;
  for (const [kind, table] of tables) {
    if (zone === canonicalZone(own, kind)) return { region: own, kind };
    const region = Object.entries(table).find(([, id]) => id === zone)?.[0];
    if (region !== undefined) return { region, kind };
  }
  return undefined;
};
