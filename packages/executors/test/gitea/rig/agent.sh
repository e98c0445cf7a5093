# An agent of the tests, cheap to start: keeps its prompt, and does what was laid ready for its item's title and its role.
# $1: the box with what is laid ready. $n: the how manieth run of that title and role this is.
box=$1
prompt="$box/prompts/$LOOPX_RUN_ID"
cat > "$prompt"
{ export -p; printf '%s\n' "$0" "$@"; } > "$prompt.environ"
# One line for each: item, role, commit, title.
told=$(sed -n -e '1s/^You take one step for \([^ ]*\) .*/item=\1/p' -e '2s/.*"review".*/role=review/p' \
  -e 's/^title: /title=/p' -e 's/.*, commit \([0-9a-f]*\)).*/sha=\1/p' "$prompt")
role=work item='' sha='' title=''
while IFS= read -r line; do
  case $line in
  item=*) item=${line#item=} ;;
  role=*) role=review ;;
  sha=*) sha=${sha:-${line#sha=}} ;;
  title=*) title=${title:-${line#title=}} ;;
  esac
done <<EOT
$told
EOT
echo "$role $LOOPX_RUN_ID $sha $item $title" >> "$box/ran"
n=$(grep -c "^$role [^ ]* [^ ]* [^ ]* $title\$" "$box/ran")
say() { printf '{"schema_version":"loopx_agent_result_v1","summary":"%s %s",%s}' "$role" "$n" "$1" > "$LOOPX_RESULT_FILE"; }
laid="$box/laid/$title.$role"
if [ -f "$laid" ]; then . "$laid"
elif [ "$role" = work ]; then echo "work $n" > work.txt && say '"outcome":"done"'
else say '"outcome":"pass","reviewed_sha":"'"$sha"'"'
fi
