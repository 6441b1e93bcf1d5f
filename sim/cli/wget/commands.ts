import { ENDLESS, type Settings } from './settings.ts';

/** Sets what a command says. @returns what is wrong with the value, `COMMAND: ` left out */
type Setter = (settings: Settings, value: string, quote: (text: string) => string) => string | undefined;

type NumberKey = Exclude<
  { [K in keyof Settings]: Settings[K] extends number ? (number extends Settings[K] ? K : never) : never }[keyof Settings],
  undefined
>;
type BooleanKey = Exclude<{ [K in keyof Settings]: boolean extends Settings[K] ? K : never }[keyof Settings], undefined>;
type StringKey = Exclude<{ [K in keyof Settings]: string extends Settings[K] ? K : never }[keyof Settings], undefined>;

/** What an option takes: a switch may be turned off by `no-`, or by a value. */
export type Kind = 'switch' | 'value';

export interface CommandSpec {
  kind: Kind;
  set: Setter;
}

const ON = /^(on|yes|1)$/i;
const OFF = /^(off|no|0)$/i;

function toggle(use: (settings: Settings, on: boolean) => void): CommandSpec {
  return {
    kind: 'switch',
    set: (settings, value, quote) => {
      if (!ON.test(value) && !OFF.test(value)) return `Invalid boolean ${quote(value)}; use \`on' or \`off'.`;
      use(settings, ON.test(value));
      return undefined;
    },
  };
}

const flag = (key: BooleanKey): CommandSpec =>
  toggle((settings, on) => {
    (settings as unknown as Record<string, boolean>)[key] = on;
  });

const text = (key: StringKey): CommandSpec => ({
  kind: 'value',
  set: (settings, value) => {
    (settings as unknown as Record<string, string>)[key] = value;
    return undefined;
  },
});

/** Digits in front count; `inf` where there may be no end. */
const number = (key: NumberKey, endless?: number): CommandSpec => ({
  kind: 'value',
  set: (settings, value, quote) => {
    if (/^-/.test(value)) return `Invalid number ${quote(value)}.`;
    settings[key] = endless !== undefined && /^inf$/i.test(value) ? endless : Number.parseInt(value, 10) || 0;
    return undefined;
  },
});

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const time = (...keys: NumberKey[]): CommandSpec => ({
  kind: 'value',
  set: (settings, value, quote) => {
    if (/^-\d/.test(value)) return `Negative time period ${quote(value)}`;
    const match = /^(\d*\.?\d*)\s*([smhdw]?)$/i.exec(value);
    if (!match || !/\d/.test(match[1] as string)) return `Invalid time period ${quote(value)}`;
    for (const key of keys) settings[key] = Number(match[1]) * (SECONDS[(match[2] as string).toLowerCase()] as number);
    return undefined;
  },
});

const bytes = (key: NumberKey): CommandSpec => ({
  kind: 'value',
  set: (settings, value, quote) => {
    const match = /^(\d*\.?\d*)\s*([kmgt]?)$/i.exec(value);
    const none = /^(inf|0)$/i.test(value);
    if (!none && (!match || !/\d/.test(match[1] as string))) return `Invalid byte value ${quote(value)}`;
    settings[key] = none
      ? 0
      : Math.floor(Number(match?.[1]) * 1024 ** Math.max(0, ' kmgt'.indexOf((match?.[2] ?? '').toLowerCase() || ' ')));
    return undefined;
  },
});

type ListKey = Exclude<{ [K in keyof Settings]: Settings[K] extends string[] ? K : never }[keyof Settings], undefined>;

/** Commas separate; more are added to what there is, and nothing empties the list. */
const list = (key: ListKey): CommandSpec => ({
  kind: 'value',
  set: (settings, value) => {
    if (value === '') settings[key] = [];
    else
      settings[key].push(
        ...value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      );
    return undefined;
  },
});

const header: CommandSpec = {
  kind: 'value',
  set: (settings, value, quote) => {
    if (value === '') settings.headers = [];
    else if (!/^[^:\s]+:/.test(value)) return `Invalid header ${quote(value)}.`;
    else settings.headers.push(value);
    return undefined;
  },
};

const progress: CommandSpec = {
  kind: 'value',
  set: (settings, value, quote) => {
    if (!/^(dot|bar)(:|$)/.test(value)) return `Invalid progress type ${quote(value)}.`;
    settings.progress = value;
    return undefined;
  },
};

const directories = (settings: Settings, on: boolean): void => {
  settings.directories = on;
  settings.noDirectories = !on;
};

const recursive = (settings: Settings, on: boolean): void => {
  settings.recursive = on;
  if (on && !settings.noDirectories) settings.directories = true;
};

/** The commands of wgetrc(5) that are modelled, by name (commands[] in init.c). */
export const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  accept: list('accept'),
  acceptregex: text('acceptRegex'),
  adjustextension: flag('adjustExtension'),
  authnochallenge: flag('authNoChallenge'),
  background: flag('background'),
  backupconverted: flag('backupConverted'),
  base: text('base'),
  bindaddress: text('bindAddress'),
  bodydata: text('bodyData'),
  bodyfile: text('bodyFile'),
  cache: flag('cache'),
  clobber: toggle((settings, on) => {
    settings.noClobber = !on;
  }),
  compression: {
    kind: 'value',
    set: (settings, value, quote) => {
      if (!/^(auto|gzip|none)$/i.test(value)) return `Invalid value ${quote(value)}.`;
      settings.compression = value.toLowerCase();
      return undefined;
    },
  },
  connecttimeout: time('connectTimeout'),
  contentdisposition: flag('contentDisposition'),
  contentonerror: flag('contentOnError'),
  continue: flag('resume'),
  convertlinks: flag('convertLinks'),
  cookies: flag('cookies'),
  cutdirs: number('cutDirectories'),
  defaultpage: text('defaultPage'),
  deleteafter: flag('deleteAfter'),
  dirprefix: text('prefix'),
  dirstruct: toggle(directories),
  dnscache: flag('dnsCache'),
  domains: list('domains'),
  excludedirectories: list('excludeDirectories'),
  excludedomains: list('excludeDomains'),
  followtags: list('followTags'),
  forcehtml: flag('forceHtml'),
  header,
  addhostdir: flag('hostDirectories'),
  httpkeepalive: flag('keepAlive'),
  httppassword: text('httpPassword'),
  httpproxy: text('httpProxy'),
  httpuser: text('httpUser'),
  ifmodifiedsince: flag('ifModifiedSince'),
  ignorecase: flag('ignoreCase'),
  ignorelength: flag('ignoreLength'),
  ignoretags: list('ignoreTags'),
  includedirectories: list('includeDirectories'),
  inet4only: toggle((settings, on) => {
    settings.both = on && settings.family === 6;
    settings.family = on ? 4 : 0;
  }),
  inet6only: toggle((settings, on) => {
    settings.both = on && settings.family === 4;
    settings.family = on ? 6 : 0;
  }),
  input: text('inputFile'),
  keepsessioncookies: flag('keepSessionCookies'),
  limitrate: bytes('limitRate'),
  loadcookies: text('loadCookies'),
  logfile: text('logFile'),
  maxredirect: number('maxRedirect'),
  method: {
    kind: 'value',
    set: (settings, value) => {
      settings.method = value.toUpperCase();
      return undefined;
    },
  },
  mirror: toggle((settings, on) => {
    if (!on) return;
    recursive(settings, true);
    settings.timestamping = true;
    settings.level = ENDLESS;
  }),
  noclobber: flag('noClobber'),
  noparent: flag('noParent'),
  noproxy: text('noProxy'),
  outputdocument: text('outputDocument'),
  pagerequisites: flag('pageRequisites'),
  parent: toggle((settings, on) => {
    settings.noParent = !on;
  }),
  password: text('password'),
  postdata: text('postData'),
  postfile: text('postFile'),
  preferfamily: {
    kind: 'value',
    set: (settings, value, quote) => {
      if (!/^(none|ipv4|ipv6)$/i.test(value)) return `Invalid value ${quote(value)}.`;
      settings.preferFamily = value.toLowerCase();
      return undefined;
    },
  },
  progress,
  protocoldirectories: flag('protocolDirectories'),
  proxypassword: text('proxyPassword'),
  proxyuser: text('proxyUser'),
  quiet: flag('quiet'),
  quota: bytes('quota'),
  randomwait: flag('randomWait'),
  readtimeout: time('readTimeout'),
  reclevel: number('level', ENDLESS),
  recursive: toggle(recursive),
  referer: text('referer'),
  reject: list('reject'),
  rejectedlog: text('rejectedLog'),
  rejectregex: text('rejectRegex'),
  relativeonly: flag('relativeOnly'),
  reportspeed: {
    kind: 'value',
    set: (settings, value, quote) => {
      if (!/^bits$/i.test(value)) return `Invalid value ${quote(value)}.`;
      settings.reportBits = true;
      return undefined;
    },
  },
  restrictfilenames: {
    kind: 'value',
    set: (settings, value, quote) => {
      if (!/^(unix|windows)$/i.test(value))
        return `Invalid restriction ${quote(value)},\n    use [unix|vms|windows],[lowercase|uppercase],[nocontrol],[ascii].`;
      settings.restrictWindows = /^windows$/i.test(value);
      return undefined;
    },
  },
  retryconnrefused: flag('retryConnectionRefused'),
  retryonhosterror: flag('retryOnHostError'),
  retryonhttperror: text('retryOnHttpError'),
  robots: flag('robots'),
  savecookies: text('saveCookies'),
  saveheaders: flag('saveHeaders'),
  serverresponse: flag('serverResponse'),
  showprogress: flag('showProgress'),
  spanhosts: flag('spanHosts'),
  spider: flag('spider'),
  startpos: {
    kind: 'value',
    set: (settings, value, quote) => {
      const parsed = Number(value);
      if (!/^\d+$/.test(value)) return `Invalid byte value ${quote(value)}`;
      settings.startPosition = parsed;
      return undefined;
    },
  },
  timeout: time('connectTimeout', 'readTimeout'),
  timestamping: flag('timestamping'),
  tries: number('tries', 0),
  trustservernames: flag('trustServerNames'),
  unlink: flag('unlink'),
  useproxy: flag('useProxy'),
  user: text('user'),
  useragent: text('userAgent'),
  useservertimestamps: flag('useServerTimestamps'),
  verbose: flag('verbose'),
  wait: time('wait'),
  waitretry: time('waitRetry'),
};

/** A command of -e: dashes, underscores and case don't count. */
export function commandNamed(name: string): CommandSpec | undefined {
  return COMMANDS[name.toLowerCase().replace(/[-_]/g, '')];
}
