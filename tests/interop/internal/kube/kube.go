// Package kube asks an API server with the kubeconfig that a host gave to the plugin.
package kube

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"gopkg.in/yaml.v3"
)

type config struct {
	Clusters []struct {
		Cluster struct {
			Server string `yaml:"server"`
			CAFile string `yaml:"certificate-authority"`
			CAData string `yaml:"certificate-authority-data"`
		} `yaml:"cluster"`
	} `yaml:"clusters"`
	Users []struct {
		User struct {
			Token     string   `yaml:"token"`
			TokenFile string   `yaml:"tokenFile"`
			As        string   `yaml:"as"`
			AsGroups  []string `yaml:"as-groups"`
		} `yaml:"user"`
	} `yaml:"users"`
}

const review = `{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}`

// Ask does one request: get answers with the body, list with the number of items, watch with its first line.
// The path "whoami" asks who the server thinks this is.
func Ask(ctx context.Context, kubeconfig []byte, verb, path string) (string, error) {
	var conf config
	if err := yaml.Unmarshal(kubeconfig, &conf); err != nil {
		return "", err
	}
	if len(conf.Clusters) == 0 || len(conf.Users) == 0 {
		return "", fmt.Errorf("no kubeconfig was given")
	}
	request, err := newRequest(ctx, conf, verb, path)
	if err != nil {
		return "", err
	}
	client, err := newClient(conf)
	if err != nil {
		return "", err
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	return read(response, verb)
}

func newRequest(ctx context.Context, conf config, verb, path string) (*http.Request, error) {
	method, url, body := http.MethodGet, conf.Clusters[0].Cluster.Server+path, ""
	if path == "whoami" {
		method, body = http.MethodPost, review
		url = conf.Clusters[0].Cluster.Server + "/apis/authentication.k8s.io/v1/selfsubjectreviews"
	}
	if verb == "watch" {
		url += "?watch=true"
	}
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	user := conf.Users[0].User
	token := user.Token
	if user.TokenFile != "" {
		content, err := os.ReadFile(user.TokenFile)
		if err != nil {
			return nil, err
		}
		token = strings.TrimSpace(string(content))
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if user.As != "" {
		request.Header.Set("Impersonate-User", user.As)
	}
	for _, group := range user.AsGroups {
		request.Header.Add("Impersonate-Group", group)
	}
	return request, nil
}

func newClient(conf config) (*http.Client, error) {
	cluster := conf.Clusters[0].Cluster
	pem, err := base64.StdEncoding.DecodeString(cluster.CAData)
	if cluster.CAFile != "" && len(pem) == 0 {
		pem, err = os.ReadFile(cluster.CAFile)
	}
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}, nil
}

func read(response *http.Response, verb string) (string, error) {
	if response.StatusCode >= http.StatusBadRequest {
		body, _ := io.ReadAll(response.Body)
		return "", fmt.Errorf("%d: %s", response.StatusCode, body)
	}
	if verb == "watch" {
		return bufio.NewReader(response.Body).ReadString('\n')
	}
	body, err := io.ReadAll(response.Body)
	if verb == "list" {
		return fmt.Sprintf("%d items", strings.Count(string(body), `"uid":`)), err
	}
	return string(body), err
}
