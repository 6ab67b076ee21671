// Drives `nemolint lsp` through the extension's own start-up options, as an editor would, and prints what it got as JSON.
//
//     node client.js EXECUTABLE FOLDER FILE LANGUAGE

import * as fs from "node:fs";
import * as path from "node:path";
import * as process from "node:process";
import { pathToFileURL } from "node:url";
import {
  type CodeAction,
  CodeActionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { findExecutable } from "../src/executable";
import { documentSelector, initializationOptions, problemOf, Restarts, SECTION, startServer } from "../src/startup";

/** What is done after each of these ends (milliseconds) of a server that ran. */
function afterEnds(ends: number[]): string[] {
  const restarts = new Restarts();
  const first = restarts.after(0);
  return [
    first,
    ...ends.map((end) => {
      restarts.starting();
      restarts.running();
      return restarts.after(end);
    }),
  ];
}

async function main([setting = "", folder = "", file = "", languageId = ""]: string[]): Promise<object> {
  const around = { home: "/nowhere", searchPath: process.env.PATH ?? "", trusted: true, windows: process.platform === "win32" };
  const found = findExecutable(setting, { ...around, folders: [folder] });
  if ("problem" in found) {
    return { problem: found.problem };
  }
  const selected = documentSelector().some((item) => item.scheme === "file" && item.language === languageId);
  const problem = await problemOf(found.executable, found.folder);
  if (problem !== undefined) {
    return { problem };
  }
  const server = startServer(found.executable, found.folder);
  const ended = new Promise<number | null>((resolve) => server.once("close", resolve));
  if (server.stdout === null || server.stdin === null) {
    throw new Error("the server has no streams");
  }
  const connection = createProtocolConnection(server.stdout, server.stdin);
  const sections: (string | undefined)[] = [];
  connection.onRequest(ConfigurationRequest.type, ({ items }) => {
    sections.push(...items.map((item) => item.section));
    return items.map(() => ({ enable: true, show: "warning", executablePath: setting, trace: { server: "off" } }));
  });
  connection.onRequest(RegistrationRequest.type, () => undefined);
  const uri = pathToFileURL(path.join(folder, file)).href;
  const published = new Promise<Diagnostic[]>((resolve) => {
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      if (params.uri === uri && params.diagnostics.length > 0) {
        resolve(params.diagnostics);
      }
    });
  });
  connection.listen();
  const answer = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(folder).href, name: "folder" }],
    initializationOptions: initializationOptions(),
    capabilities: {
      workspace: { configuration: true, workspaceEdit: { documentChanges: true } },
      textDocument: {
        codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix", "source.fixAll"] } } },
      },
    },
  });
  await connection.sendNotification(InitializedNotification.type, {});
  const text = fs.readFileSync(path.join(folder, file), "utf8");
  await connection.sendNotification(DidOpenTextDocumentNotification.type, {
    textDocument: { uri, languageId, version: 1, text },
  });
  const diagnostics = await published;
  const [first] = diagnostics;
  if (first === undefined) {
    throw new Error("no diagnostics");
  }
  const actions = await connection.sendRequest(CodeActionRequest.type, {
    textDocument: { uri },
    range: first.range,
    context: { diagnostics },
  });
  const fixes = (actions ?? []).filter((action): action is CodeAction => "kind" in action && action.isPreferred === true);
  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  return {
    server: answer.serverInfo?.name,
    selected,
    sections: [...new Set(sections)],
    section: SECTION,
    diagnostics: diagnostics.map(({ code, range }) => ({ code, range })),
    titles: fixes.map((fix) => fix.title),
    fixed: fixes[0] === undefined ? null : applied(text, fixes[0], uri),
    code: await ended,
    afterEnds: afterEnds([0, 1000, 2000, 3000, 600_000]),
  };
}

/** The text after the edits of an action to it. */
function applied(text: string, action: CodeAction, uri: string): string {
  const changes = action.edit?.documentChanges ?? [];
  const edits = changes.flatMap((change) =>
    "edits" in change && change.textDocument.uri === uri ? (change.edits as TextEdit[]) : [],
  );
  const starts = text.split("\n").reduce<number[]>((found, line) => [...found, (found.at(-1) ?? 0) + line.length + 1], [0]);
  const at = ({ line, character }: { line: number; character: number }) => (starts[line] ?? text.length) + character;
  return edits
    .sort((one, other) => at(other.range.start) - at(one.range.start))
    .reduce((now, { range, newText }) => now.slice(0, at(range.start)) + newText + now.slice(at(range.end)), text);
}

void main(process.argv.slice(2)).then(
  (result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exit(0);
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
