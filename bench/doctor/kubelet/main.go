// A kubelet whose Pods are objects alone. What it speaks with the API server is Kubernetes' own: the package by which
// container runtimes serve forwarded ports, to which a kubelet hands each request on. At the end of a Pod's port is
// either a program that really runs, or the pages that a proxy once showed, with the Pod's own names and certificate.
//
//	kubelet -listen 127.0.0.1:10250 -folder FOLDER -to istio-system/istiod=127.0.0.1
//
// FOLDER has logs/CONTAINER, pods.tsv (NAME NAMESPACE ACCOUNT ADDRESS …), cacerts/ca-{cert,key}.pem,
// and pages/PORT/PATH; in a page, @NAME@ and the like stand for what is a Pod's own.
package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

const (
	idle     = 4 * time.Hour
	creation = 30 * time.Second
)

// authority signs what Pods show, as the mesh's CA would.
type authority struct {
	certificate *x509.Certificate
	pem         []byte
	key         any
}

// pod is what stands for one.
type pod struct {
	replacer *strings.Replacer
}

type kubelet struct {
	pods  map[string]pod
	pages map[string]string // by "PORT/PATH"
	to    map[string]string // hosts of Pods that really run, by the beginning of "NAMESPACE/NAME"
	logs  string            // a folder, by container
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func readAuthority(folder string) authority {
	text := must(os.ReadFile(filepath.Join(folder, "ca-cert.pem")))
	certificate, _ := pem.Decode(text)
	key, _ := pem.Decode(must(os.ReadFile(filepath.Join(folder, "ca-key.pem"))))
	return authority{must(x509.ParseCertificate(certificate.Bytes)), text, must(x509.ParsePKCS8PrivateKey(key.Bytes))}
}

// leaf makes a certificate for a day, and the chain that a proxy has of it.
func (a authority) leaf(spiffe string) (*x509.Certificate, []byte) {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))),
		NotBefore:    now.Add(-2 * time.Minute), NotAfter: now.Add(24 * time.Hour),
		URIs:     []*url.URL{must(url.Parse(spiffe))},
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key))
	chain := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), a.pem...)
	return must(x509.ParseCertificate(der)), chain
}

func readPods(folder string) map[string]pod {
	signer := readAuthority(filepath.Join(folder, "cacerts"))
	pods := map[string]pod{}
	for _, line := range strings.Split(strings.TrimSpace(string(must(os.ReadFile(filepath.Join(folder, "pods.tsv"))))), "\n") {
		field := strings.Split(line, "\t")
		spiffe := fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", field[1], field[2])
		certificate, chain := signer.leaf(spiffe)
		pods[field[1]+"/"+field[0]] = pod{strings.NewReplacer(
			"@NAME@", field[0], "@NAMESPACE@", field[1], "@ACCOUNT@", field[2], "@ADDRESS@", field[3], "@SPIFFE@", spiffe,
			"@SERIAL@", certificate.SerialNumber.Text(16), "@CHAIN@", base64.StdEncoding.EncodeToString(chain),
			"@FROM@", certificate.NotBefore.UTC().Format(time.RFC3339), "@UNTIL@", certificate.NotAfter.UTC().Format(time.RFC3339))}
	}
	return pods
}

func readPages(folder string) map[string]string {
	pages := map[string]string{}
	if err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			pages[strings.TrimPrefix(path, folder+"/")] = string(must(os.ReadFile(path)))
		}
		return err
	}); err != nil {
		log.Fatal(err)
	}
	return pages
}

// PortForward is what a container runtime does: it connects to the port in the Pod's network.
func (k *kubelet) PortForward(_ context.Context, name, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	for begin, host := range k.to {
		if strings.HasPrefix(name, begin) {
			connection, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
			if err != nil {
				return err
			}
			return both(connection, stream)
		}
	}
	one, found := k.pods[name]
	if !found {
		return fmt.Errorf("no Pod %s", name)
	}
	here, there := net.Pipe()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, found := k.pages[fmt.Sprintf("%d%s", port, r.URL.Path)]
		if !found {
			http.NotFound(w, r)
			return
		}
		if _, err := one.replacer.WriteString(w, page); err != nil {
			log.Print(err)
		}
	})}
	go func() { _ = server.Serve(&single{connection: there, done: make(chan struct{})}) }()
	defer server.Close()
	return both(here, stream)
}

// both copies until one side ends.
func both(connection net.Conn, stream io.ReadWriteCloser) error {
	ended := make(chan error, 2)
	go func() { _, err := io.Copy(connection, stream); ended <- err }()
	go func() { _, err := io.Copy(stream, connection); ended <- err }()
	err := <-ended
	connection.Close()
	if errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// single is a listener that has one connection.
type single struct {
	connection net.Conn
	done       chan struct{}
}

func (s *single) Accept() (net.Conn, error) {
	if s.connection != nil {
		connection := s.connection
		s.connection = nil
		return connection, nil
	}
	<-s.done
	return nil, io.EOF
}

func (s *single) Close() error   { close(s.done); return nil }
func (s *single) Addr() net.Addr { return &net.UnixAddr{Name: "pod", Net: "unix"} }

func (k *kubelet) forward(w http.ResponseWriter, r *http.Request) {
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name := r.PathValue("namespace") + "/" + r.PathValue("pod")
	portforward.ServePortForward(w, r, k, name, "", options, idle, creation, portforward.SupportedProtocols)
}

// say writes what a container has said, each line with a time.
func (k *kubelet) say(w http.ResponseWriter, r *http.Request) {
	text, err := os.ReadFile(filepath.Join(k.logs, filepath.Base(r.PathValue("container"))))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	begin := []byte(time.Now().UTC().Format(time.RFC3339Nano) + " ")
	for line := range bytes.Lines(text) {
		if _, err := w.Write(append(bytes.Clone(begin), line...)); err != nil {
			return
		}
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:10250", "address")
	folder := flag.String("folder", ".", "what to show")
	running := flag.String("to", "", "BEGINNING=HOST: Pods that really run")
	flag.Parse()
	k := &kubelet{pods: readPods(*folder), pages: readPages(filepath.Join(*folder, "pages")), to: map[string]string{},
		logs: filepath.Join(*folder, "logs")}
	if begin, host, given := strings.Cut(*running, "="); given {
		k.to[begin] = host
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/portForward/{namespace}/{pod}", k.forward)
	routes.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", k.say)
	signer := readAuthority(filepath.Join(*folder, "cacerts"))
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	der := must(x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)},
		signer.certificate, key.Public(), signer.key))
	server := &http.Server{Addr: *listen, Handler: routes, TLSConfig: &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, NextProtos: []string{"http/1.1"}}}
	log.Fatal(server.ListenAndServeTLS("", ""))
}
