# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # $work, $mta and $password are inside's
# The two real mail servers (Postfix): mx, the foreign one that has bob's
# mailbox, and relay, the provider's, that forwards what customers give it.
# Sourced by guest.sh after net.sh; needs $work (folder) and $mta (where the
# packages postfix and sasl2-bin are unpacked).

# In the guest the root is an overlay that dies with it: programs go where they
# were compiled to be, and users into /etc/passwd.
mail_install() {
	mkdir -p /usr/lib/postfix
	cp -a "$mta/usr/lib/postfix/." /usr/lib/postfix/
	local id=64990 name
	for name in postfix postdrop bob; do
		sed -i "/^$name:/d" /etc/passwd /etc/group
		echo "$name:x:$id:$id::/nonexistent:/bin/false" >>/etc/passwd
		echo "$name:x:$id:" >>/etc/group
		id=$((id + 1))
	done
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		-nodes -days 30 -subj /CN=mx.example.org \
		-keyout "$work/key.pem" -out "$work/cert.pem" 2>"$work/openssl.log" ||
		die "openssl: $(cat "$work/openssl.log")"
}

# What make set-permissions would lay out.
spool() {
	mkdir -p "$work/$1/spool/pid"
	(cd "$work/$1/spool" &&
		install -d -o postfix -m 700 ../data active bounce corrupt defer \
			deferred flush hold incoming private saved trace &&
		install -d -o postfix -g postdrop -m 730 maildrop &&
		install -d -o postfix -g postdrop -m 710 public)
}

# services ADDRESS...: master.cf: port 25 on these, and what Postfix needs to
# take mail, queue it, and hand it to a mailbox or to another server.
services() {
	local address name
	for address; do
		echo "$address:25 inet n - n - - smtpd"
	done
	while read -r name; do
		echo "$name"
	done <<-CF
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	error unix - - n - - error
	retry unix - - n - - error
	virtual unix - n n - - virtual
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	CF
}

# settings MACHINE NAME: main.cf, what both have in common. There is no DNS.
settings() {
	cat <<-CF
	compatibility_level = 3.6
	queue_directory = $work/$1/spool
	data_directory = $work/$1/data
	daemon_directory = /usr/lib/postfix/sbin
	command_directory = $mta/usr/sbin
	maillog_file_prefixes = $work
	maillog_file = $work/$1/log
	myhostname = $2
	mydestination =
	smtp_dns_support_level = disabled
	smtpd_peername_lookup = no
	inet_protocols = all
	alias_maps =
	alias_database =
	local_recipient_maps =
	CF
}

mx_config() {
	services 203.0.113.25 '[2001:db8:f::25]'
	cat <<-CF
	203.0.113.25:587 inet n - n - - smtpd
	  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
	  -o smtpd_tls_auth_only=yes
	  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
	203.0.113.25:465 inet n - n - - smtpd
	  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
	  -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject
	CF
}

mx_settings() {
	settings mx mx.example.org
	cat <<-CF
	mynetworks = 203.0.113.25
	smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated,
	  reject_unauth_destination
	virtual_mailbox_domains = example.org
	virtual_mailbox_maps = inline:{ bob@example.org=bob/ }
	virtual_mailbox_base = $work/mx/mail
	virtual_uid_maps = static:$(id -u bob)
	virtual_gid_maps = static:$(id -g bob)
	smtpd_tls_cert_file = $work/cert.pem
	smtpd_tls_key_file = $work/key.pem
	smtpd_sasl_local_domain = example.org
	cyrus_sasl_config_path = $work/mx/etc/sasl
	CF
}

# What alice needs to submit mail: her name and password in a sasldb.
mx_accounts() {
	mkdir "$work/mx/etc/sasl"
	cat >"$work/mx/etc/sasl/smtpd.conf" <<-CF
	pwcheck_method: auxprop
	auxprop_plugin: sasldb
	mech_list: PLAIN LOGIN
	sasldb_path: $work/mx/sasldb
	CF
	"$mta/usr/sbin/saslpasswd2" -p -c -f "$work/mx/sasldb" -u example.org \
		alice <<<"$password"
	chown postfix "$work/mx/sasldb"
	install -d -o bob -g bob "$work/mx/mail"
}

relay_settings() {
	settings relay relay.example.net
	cat <<-CF
	mynetworks = 198.51.100.0/24, 100.64.0.0/10, [2001:db8:56::]/48
	relayhost = [203.0.113.25]:25
	CF
}

# All that needs no network.
mail_prepare() {
	local name
	mail_install
	for name in mx relay; do
		mkdir -p "$work/$name/etc"
		spool "$name"
	done
	mx_config >"$work/mx/etc/master.cf"
	mx_settings >"$work/mx/etc/main.cf"
	mx_accounts
	services 192.0.2.25 '[2001:db8:1::25]' >"$work/relay/etc/master.cf"
	relay_settings >"$work/relay/etc/main.cf"
}

mail_up() {
	local name
	wait "$prepared"
	for name in mx relay; do
		ip netns exec "$name" /usr/lib/postfix/sbin/master -d \
			-c "$work/$name/etc" >"$work/$name/master.log" 2>&1 </dev/null &
		daemons+=($!)
	done
	wait_for 60 listening mx 25 587 465 || mail_die mx
	wait_for 60 listening relay 25 || mail_die relay
}

mail_die() { die "$1: $(cat "$work/$1/master.log" "$work/$1/log")"; }

# listening MACHINE PORT...: does each TCP port have a listener?
listening() {
	local all port
	all=$(on "$1" ss -Hltn)
	shift
	for port; do
		[[ $all =~ :${port}[[:space:]] ]] || return 1
	done
}

# landed TOKEN: is the mail that carries TOKEN in bob's mailbox? No grep: this
# is asked often, by many.
landed() {
	local mail text
	for mail in "$work"/mx/mail/bob/new/*; do
		[ -f "$mail" ] || continue
		IFS= read -r -d '' text <"$mail" || true
		[[ $text != *"X-Demo: $1"* ]] || return 0
	done
	return 1
}

# send NAME MACHINE SERVER PORT SWAKS-ARGS...: one mail to bob; print what became
# of it: delivered, refused, lost or failed. Each line that the mail program
# says goes to $work/log/NAME, led by the time.
send() {
	local name=$1 machine=$2 server=$3 port=$4 rc=0
	local log=$work/log/$1 token=$1-$$
	shift 4
	# Loaded beforehand, or loading it would count as time to the error.
	PERL5OPT=-MIO::Socket::INET6 on "$machine" swaks --server "$server" --port "$port" \
		--helo "$machine.example.net" --from alice@example.net \
		--to bob@example.org --header "X-Demo: $token" \
		--timeout 30 "$@" 2>&1 </dev/null |
		while IFS= read -r line; do
			printf '%s %s\n' "$EPOCHREALTIME" "$line"
		done >"$log" || rc=$?
	if [ "$rc" -eq 0 ]; then
		if wait_for 30 landed "$token"; then
			echo delivered
		else
			echo lost
		fi
	elif grep -q 'Connection refused' "$log" && ! landed "$token"; then
		echo refused
	else
		echo failed
	fi
}
