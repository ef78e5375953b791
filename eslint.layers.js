import { readdirSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Folders of `services/<name>/src`, and what each may import besides itself. Arrows never point back. */
const layers = {
  transport: ['usecases', 'store', 'clients', 'domain'],
  consumers: ['usecases', 'store', 'clients', 'domain'],
  engine: ['usecases', 'store', 'clients', 'domain', 'sandbox'],
  usecases: ['store', 'clients', 'credentials', 'domain'],
  store: ['domain'],
  clients: ['domain'],
  sandbox: ['domain'],
  credentials: ['store', 'domain'],
  domain: [],
};
/** Files directly in `services/<name>/src`. */
const rootFiles = {
  'main.ts': ['service.ts', 'config.ts'],
  'index.ts': ['service.ts', 'config.ts'],
  'config.ts': ['domain'],
};
/** What is listed neither above nor here: a new folder knows only the domain until it has its line in `layers`. */
const UNLISTED = ['domain'];
/** It alone calls constructors, and so may import everything of its service. */
const COMPOSITION_ROOT = 'service.ts';

/** Packages that only some places know: `lib:` is a lib, `tool:` any tool, the rest are folders of services. */
const confined = [
  {
    packages: /^(sequelize|sequelize-typescript)$/,
    knownTo: ['store', 'lib:db'],
    message: 'Sequelize is known to store/ and libs/db only.',
  },
  {
    packages: /^(@types\/)?pg(-.+)?$/,
    knownTo: ['lib:db', 'lib:local-stack'],
    message: 'PostgreSQL is reached through libs/db only.',
  },
  {
    packages: /^(nats(\.ws)?|@nats-io\/.+)$/,
    knownTo: ['lib:events'],
    message: 'NATS is known to libs/events only.',
  },
  {
    packages: /^(@grpc\/.+|nice-grpc.*)$/,
    knownTo: ['transport', 'clients', 'lib:*', 'tool:*'],
    message: 'gRPC is known to transport/, clients/ and the libs only.',
  },
];
const pure = {
  own: /^@chain-processor\/(errors|builtin-nodes|canonical-json)$/,
  builtins: /^(node:)?crypto$/,
  message:
    'domain/ is pure: of the libs it knows errors, canonical-json and builtin-nodes, and nothing that does I/O.',
};

const root = import.meta.dirname;
const servicePackages = readdirSync(join(root, 'services')).map((name) => `@chain-processor/${name}`);

/** Where a file lies: `{ kind: 'services', name: 'catalog', unit: 'store', isModel: true, ... }`. */
function locate(file) {
  const parts = relative(root, file).split(sep);
  const [kind, name, source, unit = ''] = parts;
  return {
    package: kind === 'e2e' ? kind : `${kind}/${name}`,
    kind,
    name,
    isSource: source === 'src' && kind !== 'e2e',
    unit: unit.replace(/\.js$/, '.ts'),
    isModel: unit === 'store' && parts[4] === 'models',
    isTest: /\.test\.ts$/.test(file),
  };
}

/** The rule that importing `specifier` breaks; undefined when it breaks none. */
function findBrokenRule(from, file, specifier) {
  const isCode = from.isSource && !from.isTest;
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    return findBrokenArrow(from, locate(resolve(dirname(file), specifier)), isCode);
  }
  const [scopeOrName, name] = specifier.split('/');
  const packageName = specifier.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName;
  if (servicePackages.includes(packageName)) {
    return 'Services share nothing but proto and libs; nothing imports a service.';
  }
  if (!isCode) return undefined;
  const isInDomain = from.kind === 'services' && from.unit === 'domain';
  if (isInDomain && !pure.own.test(packageName) && packageName.startsWith('@chain-processor/')) {
    return pure.message;
  }
  if (isInDomain && isBuiltin(specifier) && !pure.builtins.test(specifier)) return pure.message;
  const places = {
    services: [from.unit],
    libs: [`lib:${from.name}`, 'lib:*'],
    tools: ['tool:*'],
  }[from.kind];
  return confined.find(
    ({ packages, knownTo }) =>
      packages.test(packageName) && !knownTo.some((place) => places?.includes(place)),
  )?.message;
}

function findBrokenArrow(from, to, isCode) {
  if (from.package !== to.package) return 'Import a package by its exports, never a file inside it.';
  if (!isCode) return undefined;
  if (from.unit !== 'index.ts' && to.isSource && to.unit === 'index.ts') {
    return 'Inside a package import the file itself, not its index.';
  }
  if (from.kind !== 'services') return undefined;
  if (!to.isSource) return 'The source of a service imports nothing outside of src.';
  if (from.unit === COMPOSITION_ROOT) return undefined;
  if (to.isModel && from.unit !== 'store')
    return 'Models never leave store/; only service.ts registers them.';
  if (to.unit === from.unit) return undefined;
  const isFolder = !from.unit.endsWith('.ts');
  if (isFolder && to.unit.endsWith('.ts')) return 'Nothing below the composition root imports it.';
  const place = isFolder ? `${from.unit}/` : from.unit;
  const listed = layers[from.unit] ?? rootFiles[from.unit];
  const allowed = listed ?? UNLISTED;
  if (allowed.includes(to.unit)) return undefined;
  const reason = listed === undefined ? ', as it has no line in eslint.layers.js' : '';
  return `${place} may import ${allowed.join(', ') || 'nothing else of the service'} only${reason}.`;
}

const imports = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = locate(context.filename);
    const check = ({ source }) => {
      if (typeof source?.value !== 'string') return;
      const message = findBrokenRule(from, context.filename, source.value);
      if (message !== undefined) context.report({ node: source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression(node) {
        check(node);
        if (from.kind !== 'services' || !from.isSource || from.isTest) return;
        context.report({ node, message: 'A service imports statically: what it loads shows at its top.' });
      },
    };
  },
};

const afterCommit = {
  selector: 'MemberExpression[property.name="afterCommit"]',
  message: 'afterCommit runs even when COMMIT failed: write to the outbox, or await the transaction.',
};
const environment = {
  selector: 'MemberExpression[property.name="env"][object.property.name="process"]',
  message: 'Only config.ts reads the environment.',
};
const sync = {
  selector: 'CallExpression[callee.property.name="sync"]',
  message: 'sync() is no migration: tables are made by migrations/.',
};
const sqlOutsideOfStore = [
  'CallExpression[callee.property.name="query"]',
  'MemberExpression[property.name="sequelize"]',
  'ObjectPattern > Property[key.name="sequelize"]',
].map((selector) => ({ selector, message: 'Every SQL statement of a service stands in store/.' }));
const restrictSyntax = (...restrictions) => ({ 'no-restricted-syntax': ['error', ...restrictions] });

/** Who may import whom, who may know which package, and where SQL and the environment are used. */
export const layerConfigs = [
  {
    files: ['**/*.ts'],
    plugins: { layers: { rules: { imports } } },
    rules: {
      'layers/imports': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: ['process', 'node:process'].map((name) => ({ name, message: environment.message })),
          patterns: [
            {
              regex: '^@chain-processor/[^/]+/(dist|src)(/|$)',
              message: 'Import a package by its exports, never a file inside it.',
            },
          ],
        },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: environment.message },
      ],
      ...restrictSyntax(environment, afterCommit),
    },
  },
  // Elsewhere `sync` is what writes a file to disk.
  { files: ['{libs,services}/**/*.ts'], rules: restrictSyntax(environment, afterCommit, sync) },
  {
    files: ['services/*/src/**/*.ts'],
    ignores: ['services/*/src/store/**', '**/*.test.ts'],
    rules: restrictSyntax(environment, afterCommit, sync, ...sqlOutsideOfStore),
  },
  {
    files: ['services/*/src/domain/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate'].map((name) => ({
          name,
          message: pure.message,
        })),
      ],
    },
  },
  {
    files: ['{libs,tools,e2e}/**/config.ts', 'services/*/src/config.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
];
