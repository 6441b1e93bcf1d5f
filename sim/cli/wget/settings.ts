/** What a run of wget is told to do: the commands of wgetrc(5), which the options and -e set. */
export interface Settings {
  /** -1 until something says so: what isn't quiet is verbose. */
  verbose: boolean | undefined;
  quiet: boolean;
  logFile: string | undefined;
  appendLog: boolean;
  background: boolean;
  inputFile: string | undefined;
  forceHtml: boolean;
  base: string | undefined;
  rejectedLog: string | undefined;
  /** 0 for no end. */
  tries: number;
  retryConnectionRefused: boolean;
  retryOnHostError: boolean;
  retryOnHttpError: string;
  outputDocument: string | undefined;
  noClobber: boolean;
  resume: boolean;
  startPosition: number | undefined;
  timestamping: boolean;
  ifModifiedSince: boolean;
  useServerTimestamps: boolean;
  serverResponse: boolean;
  spider: boolean;
  /** Seconds, 0 for none. */
  connectTimeout: number;
  readTimeout: number;
  wait: number;
  waitRetry: number;
  randomWait: boolean;
  /** `none`, `auto` or `gzip`. */
  compression: string;
  /** Bytes, 0 for no limit. */
  quota: number;
  limitRate: number;
  useProxy: boolean;
  httpProxy: string | undefined;
  noProxy: string | undefined;
  bindAddress: string | undefined;
  family: 0 | 4 | 6;
  both: boolean;
  dnsCache: boolean;
  preferFamily: string;
  restrictWindows: boolean;
  ignoreCase: boolean;
  progress: string;
  showProgress: boolean | undefined;
  reportBits: boolean;
  user: string | undefined;
  password: string | undefined;
  httpUser: string | undefined;
  httpPassword: string | undefined;
  proxyUser: string | undefined;
  proxyPassword: string | undefined;
  authNoChallenge: boolean;
  directories: boolean;
  noDirectories: boolean;
  hostDirectories: boolean;
  protocolDirectories: boolean;
  prefix: string | undefined;
  cutDirectories: number;
  defaultPage: string;
  adjustExtension: boolean;
  ignoreLength: boolean;
  headers: string[];
  maxRedirect: number;
  referer: string | undefined;
  saveHeaders: boolean;
  userAgent: string | undefined;
  keepAlive: boolean;
  cache: boolean;
  cookies: boolean;
  loadCookies: string | undefined;
  saveCookies: string | undefined;
  keepSessionCookies: boolean;
  postData: string | undefined;
  postFile: string | undefined;
  method: string | undefined;
  bodyData: string | undefined;
  bodyFile: string | undefined;
  contentDisposition: boolean;
  contentOnError: boolean;
  trustServerNames: boolean;
  unlink: boolean;
  recursive: boolean;
  /** -1 for no end. */
  level: number;
  deleteAfter: boolean;
  convertLinks: boolean;
  backupConverted: boolean;
  pageRequisites: boolean;
  noParent: boolean;
  relativeOnly: boolean;
  spanHosts: boolean;
  accept: string[];
  reject: string[];
  acceptRegex: string | undefined;
  rejectRegex: string | undefined;
  domains: string[];
  excludeDomains: string[];
  includeDirectories: string[];
  excludeDirectories: string[];
  followTags: string[];
  ignoreTags: string[];
  robots: boolean;
}

export const ENDLESS = -1;

export function defaults(): Settings {
  return {
    verbose: undefined,
    quiet: false,
    logFile: undefined,
    appendLog: false,
    background: false,
    inputFile: undefined,
    forceHtml: false,
    base: undefined,
    rejectedLog: undefined,
    tries: 20,
    retryConnectionRefused: false,
    retryOnHostError: false,
    retryOnHttpError: '',
    outputDocument: undefined,
    noClobber: false,
    resume: false,
    startPosition: undefined,
    timestamping: false,
    ifModifiedSince: true,
    useServerTimestamps: true,
    serverResponse: false,
    spider: false,
    connectTimeout: 0,
    readTimeout: 900,
    wait: 0,
    waitRetry: 10,
    randomWait: false,
    compression: 'none',
    quota: 0,
    limitRate: 0,
    useProxy: true,
    httpProxy: undefined,
    noProxy: undefined,
    bindAddress: undefined,
    family: 0,
    both: false,
    dnsCache: true,
    preferFamily: 'none',
    restrictWindows: false,
    ignoreCase: false,
    progress: 'bar',
    showProgress: undefined,
    reportBits: false,
    user: undefined,
    password: undefined,
    httpUser: undefined,
    httpPassword: undefined,
    proxyUser: undefined,
    proxyPassword: undefined,
    authNoChallenge: false,
    directories: false,
    noDirectories: false,
    hostDirectories: true,
    protocolDirectories: false,
    prefix: undefined,
    cutDirectories: 0,
    defaultPage: 'index.html',
    adjustExtension: false,
    ignoreLength: false,
    headers: [],
    maxRedirect: 20,
    referer: undefined,
    saveHeaders: false,
    userAgent: undefined,
    keepAlive: true,
    cache: true,
    cookies: true,
    loadCookies: undefined,
    saveCookies: undefined,
    keepSessionCookies: false,
    postData: undefined,
    postFile: undefined,
    method: undefined,
    bodyData: undefined,
    bodyFile: undefined,
    contentDisposition: false,
    contentOnError: false,
    trustServerNames: false,
    unlink: false,
    recursive: false,
    level: 5,
    deleteAfter: false,
    convertLinks: false,
    backupConverted: false,
    pageRequisites: false,
    noParent: false,
    relativeOnly: false,
    spanHosts: false,
    accept: [],
    reject: [],
    acceptRegex: undefined,
    rejectRegex: undefined,
    domains: [],
    excludeDomains: [],
    includeDirectories: [],
    excludeDirectories: [],
    followTags: [],
    ignoreTags: [],
    robots: true,
  };
}

/** Whether a file of the same name may be written over, or simply is the one meant (ALLOW_CLOBBER in wget.h). */
export function mayClobber(settings: Settings): boolean {
  const { noClobber, resume, timestamping, directories, outputDocument } = settings;
  return noClobber || resume || timestamping || directories || outputDocument !== undefined;
}
