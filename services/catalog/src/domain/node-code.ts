import { parse, type ParserPlugin } from '@babel/parser';
import type { Program, Statement } from '@babel/types';
import { findDefaultExport } from './default-export.js';
import type { NodeLanguage } from './node.js';

/** The most bytes of UTF-8 that a node's code may have. */
export const MAX_CODE_BYTES = 262_144;
/** More would not help anybody, and errors travel in bounded metadata. */
const MAX_FAULTS = 10;
const MAX_MESSAGE_LENGTH = 200;

/** Something in a node's code that keeps it from running, at a place that an editor can jump to. */
export interface CodeFault {
  readonly message: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
}

/**
 * Explicit resource management and decorators, because the sandbox (Deno) runs them. Everything else that it takes is in the
 * parser's base or in `typescript`: enums, namespaces and parameter properties too, since the sandbox transpiles.
 */
const basePlugins: ParserPlugin[] = ['explicitResourceManagement', 'decorators'];

/**
 * Parses a node's code, never runs it, and tells what is wrong with it: syntax, imports, and a default export that cannot be a
 * function. Whatever could only be known by running, such as the result of a call, passes.
 *
 * Babel's parser, because it is plain JavaScript: deep nesting throws a RangeError where native parsers overflow the stack
 * of the process, and its time can be bounded. `node-code.int.test.ts` holds it against Deno, which will run the code.
 */
export function findCodeFaults(code: string, language: NodeLanguage): CodeFault[] {
  const plugins: ParserPlugin[] = language === 'typescript' ? [...basePlugins, 'typescript'] : basePlugins;
  try {
    const { program, errors } = parse(code, { sourceType: 'module', errorRecovery: true, plugins });
    const syntax = (errors ?? []).map(toFault);
    const faults = syntax.length > 0 ? syntax : [...importFaults(program), ...defaultExportFaults(program)];
    return faults.slice(0, MAX_FAULTS);
  } catch (error) {
    if (error instanceof SyntaxError) return [toFault(error)];
    throw error;
  }
}

function toFault(error: object): CodeFault {
  const message = 'message' in error && typeof error.message === 'string' ? error.message : 'does not parse';
  return faultAt('loc' in error ? { loc: { start: error.loc } } : {}, message.replace(/ \(\d+:\d+\)$/, ''));
}

/** Babel counts columns from 0. */
function faultAt(place: { readonly loc?: unknown }, message: string): CodeFault {
  const start = numbersOf(place.loc);
  const shown = message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)}…`;
  return { message: shown.toWellFormed(), line: start.line, column: start.column + 1 };
}

function numbersOf(loc: unknown): { line: number; column: number } {
  if (typeof loc === 'object' && loc !== null && 'start' in loc) {
    const { start } = loc;
    if (typeof start === 'object' && start !== null && 'line' in start && 'column' in start) {
      return { line: Number(start.line), column: Number(start.column) };
    }
  }
  return { line: 1, column: 0 };
}

/** The sandbox loads no module, so an import is refused here instead of at the first run. Types are erased and may stay. */
function importFaults(program: Program): CodeFault[] {
  return program.body
    .filter(loadsModule)
    .map((statement) =>
      faultAt(
        statement,
        'a node cannot import or re-export another module, since none can be loaded where it runs; put all code in one file',
      ),
    );
}

function loadsModule(statement: Statement): boolean {
  switch (statement.type) {
    case 'ImportDeclaration':
      return statement.importKind !== 'type';
    case 'ExportAllDeclaration':
      return statement.exportKind !== 'type';
    case 'ExportNamedDeclaration':
      return statement.exportKind !== 'type' && (statement.source ?? undefined) !== undefined;
    case 'TSImportEqualsDeclaration':
      return (
        statement.importKind !== 'type' && statement.moduleReference.type === 'TSExternalModuleReference'
      );
    default:
      return false;
  }
}

function defaultExportFaults(program: Program): CodeFault[] {
  const found = findDefaultExport(program);
  switch (found.kind) {
    case 'function':
      return [];
    case 'missing':
      return [
        faultAt(
          {},
          'there is no default export; write `export default function process(input, ctx) { return input; }`',
        ),
      ];
    case 'repeated':
      return [faultAt(found.at, 'there is more than one default export')];
    case 'no_function':
      return [
        faultAt(
          found.at,
          'the default export is not a function `(input, ctx) => string | Promise<string>`; classes and generators are none',
        ),
      ];
  }
}
