/**
 * What a shell runs at Tab: all of them ask `zennet __complete -- WORDS`, which answers with a word, a tab and what it is, one a line.
 * So they know what this program knows, ids of a node too. `:files` stands for the shell's own completion of files.
 */
export const SCRIPTS = {
  bash: `# bash completion of zennet. Kept: zennet completion bash > ~/.local/share/bash-completion/completions/zennet
_zennet() {
  local line typed=\${COMP_LINE:0:COMP_POINT}
  local -a words
  read -ra words <<<"$typed"
  [[ $typed == *[[:space:]] ]] && words+=('')
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      compopt -o default 2>/dev/null
      COMPREPLY=()
      return
    fi
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <("$1" __complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -F _zennet zennet
`,
  zsh: `#compdef zennet
# zsh completion of zennet. Kept: zennet completion zsh > a file _zennet in a folder of $fpath
_zennet() {
  local line
  local -a lines entries
  lines=("\${(@f)$("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${lines[@]}"; do
    [[ -z $line ]] && continue
    if [[ $line == :files ]]; then
      _files
      return
    fi
    if [[ $line == *$'\\t'* ]]; then
      entries+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    else
      entries+=("\${line//:/\\\\:}")
    fi
  done
  (( \${#entries} )) && _describe -V zennet entries
}
if [[ \${funcstack[1]} == _zennet ]]; then
  _zennet "$@"
else
  compdef _zennet zennet
fi
`,
  fish: `# fish completion of zennet. Kept: zennet completion fish > ~/.config/fish/completions/zennet.fish
function __zennet_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program __complete -- $words "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c zennet -f -a '(__zennet_complete)'
`,
} as const

export type Shell = keyof typeof SCRIPTS
export const SHELLS = Object.keys(SCRIPTS) as readonly Shell[]
