-- What a person does in Neovim, without a screen: open a file, look at the findings, hover, complete, take a fix.
--
-- TEST_INPUT names a JSON file: `config` (the Lua of the page to run first), `file`, `hover` and `complete` ({line, column},
-- from 0), and `output`, the file to write what was seen to.

local function read(name)
  return table.concat(vim.fn.readfile(name), "\n")
end

local given = vim.fn.json_decode(read(vim.env.TEST_INPUT))
local patience = 60000 -- milliseconds; nothing here is expected to take as long
local seen = {}

local function wait(what, ready)
  if not vim.wait(patience, ready, 20) then
    error("waited in vain for " .. what)
  end
end

local function ask(method, params)
  params.textDocument = { uri = vim.uri_from_bufnr(0) }
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, params, patience) or {}) do
    if answer.error then
      error(method .. ": " .. answer.error.message)
    end
    return answer.result
  end
  error(method .. ": no answer")
end

local function position(place)
  return { line = place[1], character = place[2] }
end

local function see()
  assert(loadstring(given.config, "the page"))()
  vim.cmd("edit " .. vim.fn.fnameescape(given.file))
  wait("findings", function()
    return #vim.diagnostic.get(0) > 0
  end)
  local found = vim.diagnostic.get(0)
  seen.diagnostics = vim.tbl_map(function(item)
    local severity = vim.diagnostic.severity[item.severity]
    return { item.lnum, item.col, item.end_lnum, item.end_col, severity, item.user_data.lsp.code, item.source }
  end, found)

  vim.api.nvim_win_set_cursor(0, { given.hover[1] + 1, given.hover[2] })
  vim.api.nvim_feedkeys("K", "mx", false)
  local float
  wait("the hover", function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= "" then
        float = window
      end
    end
    return float ~= nil
  end)
  seen.hover = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false)
  vim.api.nvim_win_close(float, true)

  local answer = ask("textDocument/completion", { position = position(given.complete) })
  seen.completion = vim.tbl_map(function(item)
    return item.label
  end, answer.items or answer)

  seen.omnifunc = vim.bo.omnifunc

  local client = vim.tbl_values(vim.lsp.buf_get_clients(0))[1]
  local diagnostics = vim.lsp.diagnostic.get_line_diagnostics(0, found[1].lnum)
  local actions = ask("textDocument/codeAction", { range = diagnostics[1].range, context = { diagnostics = diagnostics } })
  for _, action in ipairs(actions) do
    if action.isPreferred then
      seen.action = action.title
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
    end
  end
  wait("the fix to be seen", function()
    return #vim.diagnostic.get(0) < #found
  end)
  seen.lines = vim.api.nvim_buf_get_lines(0, 0, -1, false)

  vim.lsp.stop_client(vim.lsp.get_active_clients())
  wait("the end of the server", function()
    return #vim.lsp.get_active_clients() == 0
  end)
end

local fine, problem = xpcall(see, debug.traceback)
seen.problem = not fine and problem or nil
vim.fn.writefile({ vim.fn.json_encode(seen) }, given.output)
vim.cmd("qall!")
