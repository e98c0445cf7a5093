/**
 * One script per shell (CMD-22). None of them knows a command: each asks `loopx` itself what may stand at the cursor, so a
 * script never grows old. They call the `loopx` of PATH whatever was typed: Tab in a foreign folder runs nothing of it.
 */
import type { SHELLS } from "../options/installation.ts";

const HEAD = "asks loopx itself what may stand at the cursor (loopx completion --help)";

const BASH = `# loopx for bash: ${HEAD}
_loopx() {
  local left=\${COMP_LINE:0:COMP_POINT} words=() word text current prefix line
  # Bash splits at = and : too; what no blank separates is one word.
  for word in "\${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    text=\${left#"\${left%%[![:space:]]*}"}
    [[ $text == "$word"* ]] || word=$text
    if [[ \${#words[@]} -gt 0 && $text == "$left" ]]; then words[\${#words[@]}-1]+=$word; else words+=("$word"); fi
    left=\${text#"$word"}
  done
  COMPREPLY=()
  (( \${#words[@]} > 1 )) || return 0
  current=\${words[\${#words[@]}-1]}
  # Bash replaces only what stands behind its last split.
  prefix=\${current%"$2"}
  local before=("\${words[@]:1:\${#words[@]}-2}")
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null ;;
      :folders) compopt -o dirnames 2>/dev/null ;;
      *) word=\${line%%$'\\t'*}; COMPREPLY+=("\${word#"$prefix"}") ;;
    esac
  done < <(command loopx completion bash --current="$current" \${before[@]+"\${before[@]/#/--before=}"} 2>/dev/null)
}
complete -F _loopx loopx loopx-canary
`;

const ZSH = `#compdef loopx loopx-canary
# loopx for zsh: ${HEAD}
_loopx() {
  local line place
  local -a before found
  before=("\${(@Q)words[2,CURRENT-1]}")
  while IFS= read -r line; do
    case $line in
      :*) place=$line ;;
      *) found+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done < <(command loopx completion zsh --current="\${(Q)PREFIX}" "\${(@)before/#/--before=}" 2>/dev/null)
  if [[ -n $place ]]; then
    compset -P '--*='
    if [[ $place == :folders ]]; then _files -/; else _files; fi
  else
    _describe -t values loopx found
  fi
}
if [[ $funcstack[1] == _loopx ]]; then _loopx "$@"; elif (( $+functions[compdef] )); then compdef _loopx loopx loopx-canary; fi
`;

const FISH = `# loopx for fish: ${HEAD}
function __loopx_complete
    set -l current (commandline -ct)
    set -l before (commandline -opc)
    set -e before[1]
    for line in (command loopx completion fish --current="$current" --before=$before 2>/dev/null)
        if not string match -q ':*' -- $line
            printf '%s\\n' $line
            continue
        end
        set -l head (string match -r '^--[^=]*=' -- $current)
        set -l rest (string replace -r '^--[^=]*=' '' -- $current)
        set -l paths (__fish_complete_path "$rest")
        if test $line = :folders
            set paths (__fish_complete_directories "$rest")
        end
        for path in $paths
            printf '%s\\n' "$head$path"
        end
    end
end
complete -c loopx -f -a '(__loopx_complete)'
complete -c loopx-canary -f -a '(__loopx_complete)'
`;

const POWERSHELL = `# loopx for PowerShell: ${HEAD}
Register-ArgumentCompleter -Native -CommandName loopx, loopx-canary -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object {
        $word = if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
        "--before=$word"
    })
    loopx completion powershell "--current=$wordToComplete" @before 2>$null | ForEach-Object {
        $value, $describe = $_ -split "\`t", 2
        if ($value -and -not $value.StartsWith(':')) {
            if (-not $describe) { $describe = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $describe)
        }
    }
}
`;

export type Shell = (typeof SHELLS)[number];

/** What makes a shell complete, and where a person puts it. */
export const SCRIPTS: Readonly<Record<Shell, { readonly script: string; readonly hint: string }>> = {
  bash: { script: BASH, hint: 'in ~/.bashrc: eval "$(loopx completion bash --quiet)"' },
  zsh: { script: ZSH, hint: 'in ~/.zshrc, below compinit: eval "$(loopx completion zsh --quiet)"' },
  fish: { script: FISH, hint: "loopx completion fish --quiet > ~/.config/fish/completions/loopx.fish" },
  powershell: { script: POWERSHELL, hint: "in $PROFILE: loopx completion powershell --quiet | Out-String | Invoke-Expression" },
};
