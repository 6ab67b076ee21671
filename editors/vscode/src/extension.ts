import type { ChildProcess } from "node:child_process";
import * as os from "node:os";
import * as process from "node:process";
import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandlerResult,
  LanguageClient,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import { findExecutable } from "./executable";
import { documentSelector, initializationOptions, problemOf, Restarts, SECTION, startServer } from "./startup";

const RESTART = "Restart";
const SETTINGS = "Open Settings";
const OUTPUT = "Show Output";

let server: Server | undefined;

export function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel("nemolint", { log: true });
  const own = new Server(output);
  server = own;
  context.subscriptions.push(
    output,
    vscode.commands.registerCommand("nemolint.restartServer", () => own.restart()),
    vscode.commands.registerCommand("nemolint.showOutput", () => output.show()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => own.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      const names = ["enable", "executablePath"];
      if (names.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) {
        void own.settingsChanged();
      }
    }),
  );
  return own.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}

/** The language server of this window. What changes it is done one after the other. */
class Server {
  private client: LanguageClient | undefined;
  private started = "";
  private last: Promise<void> = Promise.resolve();
  private readonly restarts = new Restarts();

  constructor(private readonly output: vscode.LogOutputChannel) {}

  start(): Promise<void> {
    return this.next(() => this.begin());
  }

  stop(): Promise<void> {
    return this.next(() => this.end());
  }

  restart(): Promise<void> {
    this.restarts.forget();
    return this.next(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Start, stop or restart the server, if another one, or none, is wanted now. */
  settingsChanged(): Promise<void> {
    return this.wanted() === this.started ? Promise.resolve() : this.restart();
  }

  private next(action: () => Promise<void>): Promise<void> {
    this.last = this.last.then(action, action);
    return this.last;
  }

  /** What decides which server runs. */
  private wanted(): string {
    const { enabled, executablePath } = settings();
    return JSON.stringify([enabled, executablePath, vscode.workspace.isTrusted]);
  }

  private async begin(): Promise<void> {
    this.started = this.wanted();
    const { enabled, executablePath } = settings();
    if (!enabled) {
      this.output.info("nemolint.enable is false in every folder: the server is not started.");
      return;
    }
    const found = findExecutable(executablePath, {
      folders: (vscode.workspace.workspaceFolders ?? [])
        .filter((folder) => folder.uri.scheme === "file")
        .map((folder) => folder.uri.fsPath),
      home: os.homedir(),
      searchPath: process.env.PATH ?? "",
      trusted: vscode.workspace.isTrusted,
      windows: process.platform === "win32",
    });
    if ("problem" in found) {
      this.tell(found.problem);
      return;
    }
    const problem = await problemOf(found.executable, found.folder);
    if (problem !== undefined) {
      this.tell(problem);
      return;
    }
    this.output.info(`starting ${found.executable}`);
    const client = this.create(found.executable, found.folder);
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      // The client has told of it.
      this.output.error(String(error));
    }
  }

  private create(executable: string, folder: string | undefined): LanguageClient {
    const { restarts } = this;
    const start = async (): Promise<ChildProcess> => {
      restarts.starting();
      return startServer(executable, folder);
    };
    const stop: CloseHandlerResult = { action: CloseAction.DoNotRestart, handled: true };
    const closed = async (): Promise<CloseHandlerResult> => {
      const next = restarts.after(Date.now());
      if (next === "give up") {
        this.tell("nemolint ended several times within minutes and is not started again: see its output.");
      }
      if (next !== "restart") {
        return stop;
      }
      const problem = await problemOf(executable, folder);
      if (problem !== undefined) {
        this.tell(problem);
        return stop;
      }
      return { action: CloseAction.Restart, handled: true };
    };
    const client = new LanguageClient(SECTION, "nemolint", start, {
      documentSelector: documentSelector(),
      initializationOptions: initializationOptions(),
      outputChannel: this.output,
      traceOutputChannel: this.output,
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: (): ErrorHandlerResult => ({ action: ErrorAction.Continue, handled: true }),
        closed,
      },
    });
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running) {
        restarts.running();
      }
    });
    return client;
  }

  private async end(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    if (client === undefined) {
      return;
    }
    try {
      await client.dispose();
    } catch (error) {
      // It may have ended by itself, or not have started at all.
      this.output.debug(String(error));
    }
  }

  /** One message, with what can be done. */
  private tell(message: string): void {
    this.output.error(message);
    void vscode.window.showErrorMessage(message, RESTART, SETTINGS, OUTPUT).then((choice) => {
      switch (choice) {
        case RESTART:
          return this.restart();
        case SETTINGS:
          return vscode.commands.executeCommand("workbench.action.openSettings", "nemolint.executablePath");
        case OUTPUT:
          return this.output.show();
        default:
          return undefined;
      }
    });
  }
}

/** The settings that the extension itself follows: whether any folder is to be checked, and with which nemolint. */
function settings(): { enabled: boolean; executablePath: string } {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const scopes = folders.length > 0 ? folders.map((folder) => folder.uri) : [undefined];
  const of = (scope: vscode.Uri | undefined) => vscode.workspace.getConfiguration(SECTION, scope);
  return {
    enabled: scopes.some((scope) => of(scope).get<boolean>("enable", true)),
    executablePath: of(scopes[0]).get<string>("executablePath", ""),
  };
}
